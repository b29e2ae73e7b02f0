package dev.agentlab.agents;

import java.time.Instant;

/// One revision of an agent as the API returns it; its secrets are masked.
///
/// @param revision at least 1
/// @param createdAt time from which the revision was in effect
public record AgentRevision(
    long revision, String name, MaskedAgentConfig config, Instant createdAt) {}
