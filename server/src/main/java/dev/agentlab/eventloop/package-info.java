/// The event loops that the HTTP server and the upstream client share, and a subscriber type for
/// the end of a stream.
@NullMarked
package dev.agentlab.eventloop;

import org.jspecify.annotations.NullMarked;
