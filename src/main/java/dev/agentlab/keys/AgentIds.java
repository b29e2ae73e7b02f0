package dev.agentlab.keys;

import java.util.Optional;
import java.util.UUID;

/// Finds agents by what people call them. Keys do not know agents: whoever puts the domains
/// together does.
@FunctionalInterface
public interface AgentIds {
  /// The id of the agent that has this id or, if there is none, this name.
  Optional<UUID> of(String idOrName);
}
