package dev.agentlab.relay;

import dev.agentlab.llm.LlmProvider;

/// Where a call goes.
///
/// @param key tells providers apart, and what one is from what it was before a change: calls with
///   the same key share a circuit breaker and a retry budget
public record Target(String key, LlmProvider provider, CallPolicy policy) {}
