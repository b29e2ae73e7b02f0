/// The model client: sends requests to providers, with timeouts, retries, circuit breakers,
/// cancellation and streaming.
@NullMarked
package dev.agentlab.modelclient;

import org.jspecify.annotations.NullMarked;
