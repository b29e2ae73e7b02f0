package dev.agentlab.keys;

import dev.agentlab.errors.IdOrName;
import java.util.Optional;
import java.util.UUID;

/// Finds the id of an agent. Decouples this package from the agents: the server supplies the
/// implementation.
@FunctionalInterface
public interface AgentLookup {
  /// Finds the id of an agent by its id or name. Empty if there is no such agent.
  Optional<UUID> findId(IdOrName agent);
}
