package dev.agentlab.modelclient;

import dev.agentlab.kinds.CallableProvider;

/// The target of a model call.
///
/// @param name the provider name in logs and metrics; for an unregistered provider, the name of its
///   kind
/// @param key identifies the provider and its configuration; calls with the same key share a
///   circuit breaker and a retry budget
public record Target(String name, String key, CallableProvider provider, CallPolicy policy) {}
