package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentException;
import dev.agentlab.agents.Agents;
import dev.agentlab.agents.ProviderLookup;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.kinds.ProviderKinds;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds agents by the name that a client gives as the model. Thread-safe.
public final class AgentModels {
  private static final Logger LOG = LoggerFactory.getLogger(AgentModels.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final RunnableAgents agents;

  /// @param changes invalidates cached agents
  public AgentModels(
      Agents agents, ProviderLookup providers, ChangeFeed changes, ProviderKinds kinds) {
    this.agents = new RunnableAgents(agents, providers, changes, kinds);
  }

  /// The agents and what they call.
  RunnableAgents agents() {
    return agents;
  }

  /// The id of the agent with a name; empty if there is none. Blocks.
  public Optional<UUID> findId(String name) {
    return agents.findId(name);
  }

  /// Finds the latest revision of an agent; empty if it has been deleted. Blocks.
  ///
  /// @throws UnavailableException if the configuration of the agent or of its provider cannot be
  ///   used, or a reference to a secret cannot be resolved
  /// @throws RuntimeException the other exceptions of [AgentRuns]
  public Optional<AgentModel> find(UUID id) {
    try {
      return Optional.of(
          usable(id, () -> AgentModel.of(agents.find(new IdOrName.Id(id), Optional.empty()))));
    } catch (AgentException.NotFound e) {
      return Optional.empty();
    }
  }

  /// The id of the agent with a name, empty inside if there is none; empty if this is not in
  /// memory. Does not block.
  public Optional<Optional<UUID>> findIdCached(String name) {
    return agents.findIdCached(name);
  }

  /// The latest revision of an agent if it is in memory. Does not block.
  public Optional<AgentModel> findCached(UUID id) {
    return agents
        .findCached(new IdOrName.Id(id), Optional.empty())
        .map(found -> usable(id, () -> AgentModel.of(found)));
  }

  /// The administrator has to mend a configuration that cannot be used, not the client.
  ///
  /// @param agent names it in the log
  private static AgentModel usable(Object agent, Supplier<AgentModel> model) {
    try {
      return model.get();
    } catch (InvalidInputException e) {
      LOG.atWarn()
          .addKeyValue("agent", agent)
          .addKeyValue("cause", e.getMessage())
          .log("agent cannot be called");
      throw new UnavailableException(
          "this agent cannot be called with its configuration", RETRY_AFTER, e);
    }
  }
}
