package dev.agentlab.modelclient;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ResolvedProvider;
import java.time.Duration;
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
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  /// A target of an unregistered provider.
  public CallTarget(
      String provider, String key, CallableProvider callable, String model, CallPolicy policy) {
    this(Optional.empty(), provider, key, callable, model, policy);
  }

  /// A model of a registered provider, for a client that retries itself.
  ///
  /// @param model the provider's name of the model
  /// @throws UnavailableException if the configuration of the provider cannot be used, or a
  ///   reference to a secret cannot be resolved: the administrator has to mend it, not the client
  public static CallTarget of(ResolvedProvider provider, String model) {
    try {
      return new CallTarget(
          provider.id(),
          provider.name(),
          provider.key(),
          provider.callable(),
          model,
          CallPolicy.CLIENT_RETRIES);
    } catch (InvalidInputException e) {
      throw new UnavailableException(
          "provider '%s' cannot be called with its configuration".formatted(provider.name()),
          RETRY_AFTER,
          e);
    }
  }

  /// A copy with no longer timeouts than those of a policy.
  CallTarget within(CallPolicy limits) {
    return new CallTarget(providerId, provider, key, callable, model, policy.within(limits));
  }

  /// Identifies the circuit breaker.
  String healthKey() {
    return key + " " + model;
  }
}
