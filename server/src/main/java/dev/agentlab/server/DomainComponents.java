package dev.agentlab.server;

import dev.agentlab.agents.AgentDependents;
import dev.agentlab.agents.AgentEntry;
import dev.agentlab.agents.Agents;
import dev.agentlab.agents.AgentsByTarget;
import dev.agentlab.agents.ProviderLookup;
import dev.agentlab.agents.RouteLookup;
import dev.agentlab.agents.run.AgentModels;
import dev.agentlab.agents.run.AgentRuns;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.keys.KeyHashes;
import dev.agentlab.keys.Keys;
import dev.agentlab.keys.PostgresAdminKey;
import dev.agentlab.kinds.Model;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.listing.PageRange;
import dev.agentlab.modelclient.ModelCatalog;
import dev.agentlab.providers.DependentLookup;
import dev.agentlab.providers.Dependents;
import dev.agentlab.providers.ProviderEntry;
import dev.agentlab.providers.ProviderException;
import dev.agentlab.providers.Providers;
import dev.agentlab.responses.Responses;
import dev.agentlab.routing.ModelRoutes;
import dev.agentlab.routing.RegisteredRoutes;
import dev.agentlab.routing.RouteDependentLookup;
import dev.agentlab.routing.RouteDependents;
import dev.agentlab.routing.RoutePlanner;
import dev.agentlab.routing.RoutesByTarget;
import dev.agentlab.routing.TargetLookup;
import dev.agentlab.security.KeyVerifier;
import dev.agentlab.sessions.Sessions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The domain components, which handle requests. Each uses the runtime components and none depends
/// directly on another: their connections are made here. They cache only rows that the change feed
/// invalidates.
record DomainComponents(
    Providers providers,
    Agents agents,
    AgentRuns agentRuns,
    ModelRoutes modelRoutes,
    RoutePlanner routePlanner,
    Responses responses,
    Keys keys,
    PostgresAdminKey adminKey,
    KeyVerifier sessionKeys,
    Sessions sessions) {

  static DomainComponents create(RuntimeComponents runtime, Path dataDir) {
    KeyHashes hashes = KeyHashes.of(runtime.vault());
    RoutesByTarget routesByTarget = RoutesByTarget.of(runtime.database());
    AgentsByTarget agentsByTarget = AgentsByTarget.of(runtime.database());
    Providers providers =
        Providers.of(
            runtime.database(),
            runtime.changeFeed(),
            runtime.providerKinds(),
            runtime.pageLimits(),
            dependentLookup(agentsByTarget, routesByTarget),
            runtime.modelCatalog()::allCached,
            runtime.vault(),
            runtime.auditTrail());
    RegisteredProviders providerLookup = new RegisteredProviders(providers, runtime.modelCatalog());
    Agents agents =
        Agents.of(
            runtime.database(),
            runtime.changeFeed(),
            runtime.providerKinds(),
            runtime.pageLimits(),
            providerLookup,
            new RegisteredRouteLookup(routesByTarget),
            runtime.vault(),
            runtime.auditTrail());
    ModelRoutes modelRoutes =
        ModelRoutes.of(
            runtime.database(),
            runtime.changeFeed(),
            runtime.pageLimits(),
            new RegisteredTargets(providerLookup, agents),
            routeDependents(agentsByTarget),
            runtime.vault(),
            runtime.auditTrail());
    AgentModels agentModels =
        new AgentModels(agents, providerLookup, runtime.changeFeed(), runtime.providerKinds());
    RoutePlanner routePlanner =
        new RoutePlanner(
            new RegisteredRoutes(modelRoutes, runtime.changeFeed()),
            new RouteDestinations(agentModels, providers));
    AgentRuns runs =
        new AgentRuns(agentModels, routePlanner, runtime.modelClient(), runtime.schemaValidator());
    Keys keys =
        Keys.of(
            runtime.database(),
            runtime.changeFeed(),
            runtime.pageLimits(),
            Features.SCOPES,
            agents::findId,
            modelRoutes::findId,
            hashes,
            runtime.auditTrail());
    KeyVerifier sessionKeys = runtime.apiKeyAuthenticator();
    return new DomainComponents(
        providers,
        agents,
        runs,
        modelRoutes,
        routePlanner,
        Responses.of(runtime.database(), runtime.vault(), runtime.retention()),
        keys,
        new PostgresAdminKey(
            runtime.database(),
            runtime.changeFeed(),
            Features.SCOPES,
            hashes,
            runtime.auditTrail(),
            dataDir),
        sessionKeys,
        Sessions.of(
            runtime.database(),
            runtime.changeFeed(),
            runtime.vault(),
            sessionKeys,
            runtime.sessionAuthenticator(),
            runtime.auditTrail()));
  }

  private static DependentLookup dependentLookup(AgentsByTarget agents, RoutesByTarget routes) {
    return (provider, window) -> {
      var page =
          agents
              .findByProvider(provider, window)
              .map(it -> new Dependents.Dependent(it.id(), it.name()));
      // The routes follow the last agent.
      var found =
          routes.findByProvider(
              provider,
              Math.max(0, window.offset() - page.total()),
              window.size() - page.data().size());
      return new Dependents(
          page.data(),
          found.routes().stream().map(it -> new Dependents.Dependent(it.id(), it.name())).toList(),
          page.total() + found.total());
    };
  }

  private static RouteDependentLookup routeDependents(AgentsByTarget agents) {
    return (route, window) -> {
      var page =
          agents
              .findByRoute(route, window)
              .map(it -> new RouteDependents.RouteDependent(it.id(), it.name()));
      return new RouteDependents(page.data(), page.total());
    };
  }

  private record RegisteredRouteLookup(RoutesByTarget routes) implements RouteLookup {
    @Override
    public Optional<UUID> findRouteId(String name) {
      return routes.findId(name);
    }

    @Override
    public Map<UUID, String> routeNames(Set<UUID> ids) {
      return routes.findNames(ids);
    }

    @Override
    public AgentDependents findDependents(UUID agent, PageRange window) {
      var found = routes.findByAgent(agent, window.offset(), window.size());
      return new AgentDependents(
          found.routes().stream()
              .map(it -> new AgentDependents.AgentDependent(it.id(), it.name()))
              .toList(),
          found.total());
    }
  }

  private record RegisteredTargets(RegisteredProviders known, Agents agents)
      implements TargetLookup {
    @Override
    public Optional<UUID> findProviderId(String name) {
      return known.findId(name);
    }

    @Override
    public Map<UUID, String> providerNames(Set<UUID> ids) {
      return known.providers().findNames(ids);
    }

    @Override
    public Optional<UUID> findAgentId(String name) {
      return agents.findId(new IdOrName.Name(name));
    }

    @Override
    public Map<UUID, String> agentNames(Set<UUID> ids) {
      return agents.list(ids).stream().collect(Collectors.toMap(AgentEntry::id, AgentEntry::name));
    }

    @Override
    public Optional<List<String>> listModels(UUID provider) {
      return known.listModels(provider);
    }

    @Override
    public Optional<String> findProviderOfModel(String model) {
      return known.findProviderOfModel(model);
    }
  }

  private record RegisteredProviders(Providers providers, ModelCatalog models)
      implements ProviderLookup {
    @Override
    public Optional<UUID> findId(String name) {
      return providers.findId(name);
    }

    @Override
    public Optional<ResolvedProvider> resolve(UUID id) {
      try {
        return Optional.of(providers.resolve(id));
      } catch (ProviderException.NotFound e) {
        return Optional.empty();
      }
    }

    @Override
    public Optional<ResolvedProvider> resolveCached(UUID id) {
      return providers.resolveCached(id);
    }

    @Override
    public Optional<String> findProviderOfModel(String model) {
      Map<UUID, List<Model>> listed = models.allCached();
      return entries().stream()
          .filter(it -> it.offers(model, listed.getOrDefault(it.id(), List.of())))
          .map(ProviderEntry::name)
          .findFirst();
    }

    @Override
    public Optional<List<String>> listModels(UUID id) {
      try {
        return models
            .findCached(id, () -> providers.find(id).version())
            .map(cached ->
                Stream.concat(cached.stream().map(Model::id), declaredModels(id)).toList());
      } catch (ProviderException.NotFound e) {
        return Optional.empty();
      }
    }

    /// The models that the configuration names, beside those that the provider lists.
    private Stream<String> declaredModels(UUID id) {
      return entries().stream()
          .filter(it -> it.id().equals(id))
          .flatMap(it -> it.models().declaredNames().stream());
    }

    /// All providers; none if they cannot be read, because they are only needed for warnings.
    private List<ProviderEntry> entries() {
      return providers.entries().exceptionally(_ -> List.of()).join();
    }
  }
}
