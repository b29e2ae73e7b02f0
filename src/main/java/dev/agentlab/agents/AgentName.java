package dev.agentlab.agents;

import java.util.UUID;

/// Which agent, in the fewest words.
public record AgentName(UUID id, String name) {}
