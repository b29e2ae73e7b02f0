package dev.agentlab.keys;

import dev.agentlab.errors.IdOrName;
import java.util.Optional;
import java.util.UUID;

/// Finds agents by what people call them. Keys do not know agents: whoever puts the domains
/// together does.
@FunctionalInterface
public interface AgentLookup {
  /// The id of an agent; empty if there is no such agent.
  Optional<UUID> of(IdOrName agent);
}
