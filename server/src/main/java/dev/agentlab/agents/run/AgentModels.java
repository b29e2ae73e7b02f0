package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentException;
import dev.agentlab.errors.IdOrName;
import java.util.Optional;
import java.util.UUID;

/// Finds agents by the name that a client gives as the model. Thread-safe.
public final class AgentModels {
  private final RunnableAgents agents;

  AgentModels(RunnableAgents agents) {
    this.agents = agents;
  }

  /// The id of the agent with a name; empty if there is none. Blocks.
  public Optional<UUID> findId(String name) {
    return agents.findId(name);
  }

  /// Finds the latest revision of an agent; empty if it has been deleted. Blocks.
  ///
  /// @throws RuntimeException the exceptions of [AgentRuns]
  public Optional<AgentModel> find(UUID id) {
    try {
      return Optional.of(AgentModel.of(agents.find(new IdOrName.Id(id), Optional.empty())));
    } catch (AgentException.NotFound e) {
      return Optional.empty();
    }
  }

  /// The same if it is in memory, without blocking.
  public Optional<AgentModel> findCached(String name) {
    return agents.findCached(new IdOrName.Name(name), Optional.empty()).map(AgentModel::of);
  }

  /// Whether no agent has the name, as far as this is in memory, without blocking.
  public boolean isKnownAbsent(String name) {
    return agents.isKnownAbsent(name);
  }
}
