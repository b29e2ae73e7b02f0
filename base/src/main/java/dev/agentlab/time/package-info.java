/// Durations as text.
@NullMarked
package dev.agentlab.time;

import org.jspecify.annotations.NullMarked;
