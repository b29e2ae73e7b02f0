/// What the console shows first: the model calls of the last hour, what needs attention, and the
/// recent calls of a caller.
@NullMarked
package dev.agentlab.overview;

import org.jspecify.annotations.NullMarked;
