package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentException;
import dev.agentlab.agents.Agents;
import dev.agentlab.agents.ProviderLookup;
import dev.agentlab.agents.ProviderReference;
import dev.agentlab.agents.ResolvedAgent;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.RowCache;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ResolvedProvider;
import java.util.Optional;
import java.util.UUID;

/// A cache of agents and the providers that they call. The latest revision of an agent and its
/// registered provider are cached until they change. Thread-safe.
final class RunnableAgents {
  private final Agents agents;
  private final ProviderKinds kinds;
  private final RowCache<CachedAgent> latest;
  private final RowCache<ResolvedProvider> registeredProvider;

  /// An agent at one revision, and the provider that its runs call.
  record RunnableAgent(ResolvedAgent agent, ResolvedProvider provider) {}

  /// @param inline the inline provider, if the agent has one
  private record CachedAgent(ResolvedAgent agent, Optional<ResolvedProvider> inline) {}

  RunnableAgents(Agents agents, ProviderLookup providers, ChangeFeed changes, ProviderKinds kinds) {
    this.agents = agents;
    this.kinds = kinds;
    latest = new RowCache<>(changes, "agents", id -> resolve(id, Optional.empty()));
    registeredProvider =
        new RowCache<>(
            changes,
            "providers",
            id -> providers.resolve(id).orElseThrow(ProviderMissingException::new));
  }

  /// The provider does not exist. This is not cached, because an insert causes no notification.
  private static final class ProviderMissingException extends RuntimeException {}

  /// Finds an agent and its provider.
  ///
  /// @param revision the revision to run; the latest if empty
  /// @throws RuntimeException the exceptions of [Agents#resolve]
  /// @throws AgentException.ProviderGone if the registered provider of the revision has been
  ///   deleted
  RunnableAgent find(UUID id, Optional<Long> revision) {
    if (revision.isPresent()) {
      return toRunnable(resolve(id, revision));
    }
    try {
      return toRunnable(latest.get(id));
    } catch (AgentException.ProviderGone e) {
      // The provider was deleted after the agent had changed to another one.
      return toRunnable(resolve(id, Optional.empty()));
    }
  }

  private CachedAgent resolve(UUID id, Optional<Long> revision) {
    ResolvedAgent agent = agents.resolve(id, revision);
    return switch (agent.config().provider()) {
      case ProviderReference.Inline(var config) ->
          new CachedAgent(
              agent, Optional.of(ResolvedProvider.inline(kinds, id, agent.revision(), config)));
      case ProviderReference.Registered _ -> new CachedAgent(agent, Optional.empty());
    };
  }

  private RunnableAgent toRunnable(CachedAgent known) {
    ResolvedAgent agent = known.agent();
    ResolvedProvider called =
        switch (agent.config().provider()) {
          case ProviderReference.Inline _ -> known.inline().orElseThrow();
          case ProviderReference.Registered(UUID provider) -> registeredProvider(agent, provider);
        };
    return new RunnableAgent(agent, called);
  }

  private ResolvedProvider registeredProvider(ResolvedAgent agent, UUID provider) {
    try {
      return registeredProvider.get(provider);
    } catch (ProviderMissingException _) {
      throw new AgentException.ProviderGone(agent.revision(), provider);
    }
  }
}
