package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentException;
import dev.agentlab.agents.Agents;
import dev.agentlab.agents.ProviderLookup;
import dev.agentlab.agents.ProviderReference;
import dev.agentlab.agents.ResolvedAgent;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.RowCache;
import dev.agentlab.kinds.ProviderKinds;
import java.util.Optional;
import java.util.UUID;

/// A cache of agents and the providers that they call. The latest revision of an agent and its
/// registered provider are cached until they change. Thread-safe.
final class RunnableAgents {
  private final Agents agents;
  private final ProviderKinds kinds;
  private final RowCache<Known> newest;
  private final RowCache<CallTarget> registered;

  /// An agent at one revision, and the provider that its runs call.
  record RunnableAgent(ResolvedAgent agent, CallTarget callee) {}

  /// @param inline the inline provider, if the agent has one
  private record Known(ResolvedAgent agent, Optional<CallTarget> inline) {}

  RunnableAgents(Agents agents, ProviderLookup providers, ChangeFeed changes, ProviderKinds kinds) {
    this.agents = agents;
    this.kinds = kinds;
    newest = new RowCache<>(changes, "agents", id -> read(id, Optional.empty()));
    registered =
        new RowCache<>(
            changes,
            "providers",
            id ->
                providers
                    .find(id)
                    .map(it ->
                        new CallTarget(
                            it.name(),
                            "provider %s %d".formatted(id, it.version()),
                            it.config(),
                            kinds))
                    .orElseThrow(NotRegistered::new));
  }

  /// The provider does not exist. This is not cached, because an insert causes no notification.
  private static final class NotRegistered extends RuntimeException {}

  /// Finds an agent and its provider.
  ///
  /// @param revision the revision to run; the latest if empty
  /// @throws RuntimeException the exceptions of [Agents#resolved]
  /// @throws AgentException.ProviderGone if the registered provider of the revision has been
  ///   deleted
  RunnableAgent find(UUID id, Optional<Long> revision) {
    if (revision.isPresent()) {
      return runnable(read(id, revision));
    }
    try {
      return runnable(newest.get(id));
    } catch (AgentException.ProviderGone e) {
      // The provider was deleted after the agent had changed to another one.
      return runnable(read(id, Optional.empty()));
    }
  }

  private Known read(UUID id, Optional<Long> revision) {
    ResolvedAgent agent = agents.resolved(id, revision);
    return switch (agent.config().provider()) {
      case ProviderReference.Inline(var config) ->
          new Known(
              agent,
              Optional.of(
                  new CallTarget(
                      config.name(),
                      "agent %s %d".formatted(id, agent.revision()),
                      config,
                      kinds)));
      case ProviderReference.Registered _ -> new Known(agent, Optional.empty());
    };
  }

  private RunnableAgent runnable(Known known) {
    ResolvedAgent agent = known.agent();
    CallTarget target =
        switch (agent.config().provider()) {
          case ProviderReference.Inline _ -> known.inline().orElseThrow();
          case ProviderReference.Registered(UUID provider) -> registered(agent, provider);
        };
    return new RunnableAgent(agent, target);
  }

  private CallTarget registered(ResolvedAgent agent, UUID provider) {
    try {
      return registered.get(provider);
    } catch (NotRegistered _) {
      throw new AgentException.ProviderGone(agent.revision(), provider);
    }
  }
}
