package dev.agentlab.modelclient;

import dev.agentlab.kinds.LlmProvider;

/// Where a call goes.
///
/// @param name of the provider in logs and metrics: a registered one's, else its kind's
/// @param key tells providers apart, and what one is from what it was before a change: calls with
///   the same key share a circuit breaker and a retry budget
public record Target(String name, String key, LlmProvider provider, CallPolicy policy) {}
