package dev.agentlab.agents;

import java.time.Instant;

/// What an agent was, from one change to the next, as everyone may see it.
///
/// @param revision at least 1
/// @param createdAt when the agent became this
public record AgentRevision(
    long revision, String name, ShownAgentConfig config, Instant createdAt) {}
