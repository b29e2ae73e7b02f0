package dev.agentlab.agents.run;

import dev.agentlab.agents.AgentException;
import dev.agentlab.agents.Agents;
import dev.agentlab.agents.ProviderLookup;
import dev.agentlab.agents.ProviderReference;
import dev.agentlab.agents.ResolvedAgent;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.FreshCache;
import dev.agentlab.database.RowCache;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.CallSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/// Finds agents and the providers that they call. The latest revision of an agent is cached until
/// it changes. Thread-safe.
final class RunnableAgents {
  private static final String TABLE = "agents";

  private final Agents agents;
  private final ProviderLookup providers;
  private final ProviderKinds kinds;
  private final RowCache<CachedAgent> latest;

  private final FreshCache<String, Optional<UUID>> ids;

  /// An agent at one revision, and the provider that its runs call.
  ///
  /// @param provider empty for an agent over a route
  record RunnableAgent(ResolvedAgent agent, Optional<ResolvedProvider> provider) {
    /// The agent in the source of its calls.
    CallSource.CalledAgent calledAgent() {
      return new CallSource.CalledAgent(agent.id(), agent.name(), agent.revision());
    }
  }

  /// @param inline the inline provider, if the agent has one
  private record CachedAgent(ResolvedAgent agent, Optional<ResolvedProvider> inline) {}

  RunnableAgents(Agents agents, ProviderLookup providers, ChangeFeed changes, ProviderKinds kinds) {
    this.agents = agents;
    this.providers = providers;
    this.kinds = kinds;
    latest = new RowCache<>(changes, TABLE, id -> resolve(id, Optional.empty()));
    ids = new FreshCache<>(changes, TABLE, name -> agents.findId(new IdOrName.Name(name)));
  }

  /// Finds an agent and its provider if both are in memory; does not block.
  Optional<RunnableAgent> findCached(IdOrName named, Optional<Long> revision) {
    if (revision.isPresent()) {
      return Optional.empty();
    }
    Optional<CachedAgent> known =
        switch (named) {
          case IdOrName.Id(UUID id) -> latest.getIfCached(id);
          case IdOrName.Name(String name) ->
              ids.getIfCached(name).flatMap(Function.identity()).flatMap(latest::getIfCached);
        };
    return known.flatMap(this::toRunnableCached);
  }

  private Optional<RunnableAgent> toRunnableCached(CachedAgent known) {
    ResolvedAgent agent = known.agent();
    return switch (agent.config().provider()) {
      case ProviderReference.Inline _ -> withProvider(agent, known.inline());
      case ProviderReference.Registered(UUID provider) ->
          withProvider(agent, providers.resolveCached(provider));
      case ProviderReference.Route _ -> Optional.of(new RunnableAgent(agent, Optional.empty()));
    };
  }

  private static Optional<RunnableAgent> withProvider(
      ResolvedAgent agent, Optional<ResolvedProvider> provider) {
    return provider
        .filter(ResolvedProvider::isInMemory)
        .map(it -> new RunnableAgent(agent, Optional.of(it)));
  }

  /// Finds an agent and its provider. Blocks.
  ///
  /// @param revision the revision to run; the latest if empty
  /// @throws RuntimeException the exceptions of [Agents#resolve]
  /// @throws AgentException.NotFound if no agent has the name
  /// @throws AgentException.ProviderGone if the registered provider of the revision has been
  ///   deleted
  RunnableAgent find(IdOrName named, Optional<Long> revision) {
    UUID id =
        switch (named) {
          case IdOrName.Id(UUID given) -> given;
          case IdOrName.Name(String name) ->
              findId(name).orElseThrow(() -> new AgentException.NotFound(name));
        };
    return find(id, revision);
  }

  /// The id of the agent with a name. Blocks.
  Optional<UUID> findId(String name) {
    return Completions.join(ids.get(name));
  }

  /// The id of the agent with a name, empty inside if there is none; empty if this is not in
  /// memory. Does not block.
  Optional<Optional<UUID>> findIdCached(String name) {
    return ids.getIfCached(name);
  }

  /// Finds the latest revision of an agent in the database. Blocks.
  RunnableAgent findUncached(UUID id) {
    return toRunnable(resolve(id, Optional.empty()));
  }

  private RunnableAgent find(UUID id, Optional<Long> revision) {
    if (revision.isPresent()) {
      return toRunnable(resolve(id, revision));
    }
    try {
      return toRunnable(latest.get(id));
    } catch (AgentException.ProviderGone e) {
      // The provider was deleted after the agent had changed to another one.
      return findUncached(id);
    }
  }

  private CachedAgent resolve(UUID id, Optional<Long> revision) {
    ResolvedAgent agent = agents.resolve(id, revision);
    return switch (agent.config().provider()) {
      case ProviderReference.Inline(var config) ->
          new CachedAgent(
              agent, Optional.of(ResolvedProvider.inline(kinds, id, agent.revision(), config)));
      case ProviderReference.Registered _, ProviderReference.Route _ ->
          new CachedAgent(agent, Optional.empty());
    };
  }

  private RunnableAgent toRunnable(CachedAgent known) {
    ResolvedAgent agent = known.agent();
    Optional<ResolvedProvider> called =
        switch (agent.config().provider()) {
          case ProviderReference.Inline _, ProviderReference.Route _ -> known.inline();
          case ProviderReference.Registered(UUID provider) ->
              Optional.of(
                  providers
                      .resolve(provider)
                      .orElseThrow(
                          () -> new AgentException.ProviderGone(agent.revision(), provider)));
        };
    return new RunnableAgent(agent, called);
  }
}
