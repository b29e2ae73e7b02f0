/// The event loops that the HTTP edge and the upstream client share, and how they take the end of a
/// stream.
@NullMarked
package dev.agentlab.eventloop;

import org.jspecify.annotations.NullMarked;
