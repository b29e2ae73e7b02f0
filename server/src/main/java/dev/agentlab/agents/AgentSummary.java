package dev.agentlab.agents;

import java.util.UUID;

/// An agent's id and name.
public record AgentSummary(UUID id, String name) {}
