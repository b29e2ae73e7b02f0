package dev.agentlab.agents;

import java.util.UUID;

/// An agent at one revision, with all that a run of it needs. Printed it shows no secret.
///
/// @param name as it was at that revision
public record ResolvedAgent(UUID id, String name, long revision, AgentConfig config) {}
