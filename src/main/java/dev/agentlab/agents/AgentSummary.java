package dev.agentlab.agents;

import java.util.UUID;

/// Which agent, in the fewest words.
public record AgentSummary(UUID id, String name) {}
