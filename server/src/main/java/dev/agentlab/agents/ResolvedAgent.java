package dev.agentlab.agents;

import java.util.UUID;

/// An agent at one revision, with the data needed to run it. `toString` contains no secrets.
///
/// @param name the name at that revision
public record ResolvedAgent(UUID id, String name, long revision, AgentConfig config) {}
