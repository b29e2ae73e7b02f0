package dev.agentlab.agents;

import java.util.UUID;

/// An agent without its configuration.
public record AgentSummary(UUID id, String name) {}
