/// Carries a model request to its provider and the answer back: limits, retries, circuit breaker,
/// cancellation, and streams that are passed on as they come.
@NullMarked
package dev.agentlab.modelclient;

import org.jspecify.annotations.NullMarked;
