package dev.agentlab.modelclient;

import dev.agentlab.kinds.CallableProvider;
import java.util.Optional;
import java.util.UUID;

/// A provider, credential and model that a call may use.
///
/// @param providerId the id of the provider; empty for an unregistered provider
/// @param provider the name of the provider in logs and metrics; for an unregistered provider, the
///   name of its kind
/// @param key identifies the provider, its configuration and its credential; calls of one model
///   with the same key share a circuit breaker and a retry budget
/// @param callable the provider, with the credential
/// @param policy the timeouts of the call, and how it is retried on this target
public record CallTarget(
    Optional<UUID> providerId,
    String provider,
    String key,
    CallableProvider callable,
    String model,
    CallPolicy policy) {

  /// A target of an unregistered provider.
  public CallTarget(
      String provider, String key, CallableProvider callable, String model, CallPolicy policy) {
    this(Optional.empty(), provider, key, callable, model, policy);
  }

  /// Identifies the circuit breaker.
  String healthKey() {
    return key + " " + model;
  }
}
