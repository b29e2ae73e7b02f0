package dev.agentlab.providers;

import java.time.Instant;
import java.util.UUID;

/// A registered provider, as everyone may see it.
///
/// @param name unique
/// @param updatedAt when it was created or last replaced
public record Provider(
    UUID id, String name, ShownConfig config, Instant createdAt, Instant updatedAt) {}
