/// The event loops that the HTTP edge and the upstream client share.
@NullMarked
package dev.agentlab.eventloop;

import org.jspecify.annotations.NullMarked;
