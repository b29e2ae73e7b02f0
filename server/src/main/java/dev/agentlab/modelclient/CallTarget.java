package dev.agentlab.modelclient;

import dev.agentlab.kinds.CallableProvider;

/// A provider, credential and model that a call may use.
///
/// @param provider the name of the provider in logs and metrics; for an unregistered provider, the
///   name of its kind
/// @param key identifies the provider, its configuration and its credential; calls of one model
///   with the same key share a circuit breaker and a retry budget
/// @param callable the provider, with the credential
/// @param policy the timeouts of the call, and how it is retried on this target
public record CallTarget(
    String provider, String key, CallableProvider callable, String model, CallPolicy policy) {

  /// Identifies the circuit breaker.
  String healthKey() {
    return key + " " + model;
  }
}
