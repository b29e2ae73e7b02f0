package dev.agentlab.agents;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// An agent in the list from which clients select.
///
/// @param provider the id of its registered provider; empty if it has a provider of its own, or a
///   route
/// @param model the provider's name of its model; empty if it has a route
public record AgentEntry(
    UUID id, String name, Optional<UUID> provider, String model, Instant createdAt) {}
