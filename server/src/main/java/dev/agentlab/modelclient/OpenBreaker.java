package dev.agentlab.modelclient;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// A circuit breaker that rejects calls now.
///
/// @param providerId empty for an unregistered provider
/// @param provider the name of the provider when it was called first
/// @param cause the cause of the last counted failure, without text of the provider
/// @param since the time when the breaker opened
public record OpenBreaker(
    Optional<UUID> providerId, String provider, String model, String cause, Instant since) {}
