/// Ordered startup and shutdown of the service's components, and readiness.
@NullMarked
package dev.agentlab.lifecycle;

import org.jspecify.annotations.NullMarked;
