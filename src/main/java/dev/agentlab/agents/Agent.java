package dev.agentlab.agents;

import dev.agentlab.json.Description;
import java.time.Instant;
import java.util.UUID;

/// A registered agent, as everyone may see it.
///
/// @param name unique
/// @param revision at least 1; every change makes it one greater
/// @param updatedAt when it was created or last changed
public record Agent(
    UUID id,
    String name,
    ShownAgentConfig config,
    @Description("Every change makes it one greater; the ETag is the same number.") long revision,
    Instant createdAt,
    Instant updatedAt) {}
