package dev.agentlab.gateway;

import dev.agentlab.agents.run.AgentModel;
import dev.agentlab.agents.run.AgentModels;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.FreshCache;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.providers.ProviderEntry;
import dev.agentlab.providers.Providers;
import dev.agentlab.routing.RoutePlanner;
import dev.agentlab.security.GrantSet;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/// Finds what the name of a model means: the route with this name; the agent with this name;
/// `provider/model`, separated by the first slash; or the model of the most preferred provider that
/// has it. Thread-safe.
final class ModelDirectory {
  /// Longer names have no similar ones.
  private static final int MAX_CORRECTED_LENGTH = 64;

  /// Caches have changes of other replicas within a second.
  private static final Duration CHANGE_RETRY_AFTER = Duration.ofSeconds(1);

  private final RoutePlanner routes;
  private final AgentModels agents;
  private final Providers providers;
  private final ProviderModels models;
  private final ModelListing listing;

  /// The provider of a model by its bare name.
  private final FreshCache<String, Optional<ProviderEntry>> providersByModel;

  ModelDirectory(
      RoutePlanner routes,
      AgentModels agents,
      Providers providers,
      ProviderModels models,
      ModelListing listing,
      ChangeFeed changes) {
    this.routes = routes;
    this.agents = agents;
    this.providers = providers;
    this.models = models;
    this.listing = listing;
    providersByModel = new FreshCache<>(changes, Providers.TABLE, models::findByModel);
  }

  /// Finds a model that the caller may use. Does not block an event loop.
  ///
  /// @param call what the plan of a route is made for
  /// @return completed on the event loop; fails with [GatewayException.ModelNotFound], or with
  ///   [dev.agentlab.errors.UnavailableException] if it cannot be called now
  CompletableFuture<ResolvedModel> resolve(
      String name, GrantSet grants, PlanRequest call, EventLoop loop) {
    return findCached(name, grants, call)
        .map(CompletableFuture::completedFuture)
        .orElseGet(() -> blocking(loop, () -> find(name, grants, call)));
  }

  private static <T> CompletableFuture<T> blocking(EventLoop loop, Supplier<T> computation) {
    return loop.isCurrent()
        ? loop.offload(computation)
        : CompletableFuture.completedFuture(computation.get());
  }

  private GatewayException.ModelNotFound notFound(String name, GrantSet grants) {
    Optional<String> similar =
        name.length() <= MAX_CORRECTED_LENGTH
            ? Spelling.likelyMatch(name, listing.knownNames(grants))
            : Optional.empty();
    return new GatewayException.ModelNotFound(
        name, similar.map("Did you mean `%s`?"::formatted).orElse(""));
  }

  /// Finds a model in memory.
  private Optional<ResolvedModel> findCached(String name, GrantSet grants, PlanRequest call) {
    return routes
        .findIdCached(name)
        .flatMap(route ->
            route.isPresent()
                ? findRouteCached(route.get(), grants, call)
                : findAgentOrProviderCached(name, grants, call));
  }

  private Optional<ResolvedModel> findRouteCached(UUID id, GrantSet grants, PlanRequest call) {
    return grants.allowsRoute(id)
        ? routes.planCached(id, call).map(ResolvedModel::new)
        : Optional.empty();
  }

  private Optional<ResolvedModel> findAgentOrProviderCached(
      String name, GrantSet grants, PlanRequest call) {
    return agents
        .findIdCached(name)
        .flatMap(agent ->
            agent.isPresent()
                ? findAgentCached(agent.get(), grants, call)
                : findProviderCached(name, grants));
  }

  private Optional<ResolvedModel> findAgentCached(UUID id, GrantSet grants, PlanRequest call) {
    return grants.allowsAgent(id)
        ? agents
            .findCached(id)
            .flatMap(agent -> agent.planCached(routes, call))
            .map(ResolvedModel::new)
        : Optional.empty();
  }

  private Optional<ResolvedModel> findProviderCached(String name, GrantSet grants) {
    Optional<Optional<UUID>> named =
        providerPrefix(name).map(providers::findIdCached).orElse(Optional.of(Optional.empty()));
    return named.flatMap(provider ->
        provider.isPresent()
            ? findCached(provider.get(), modelSuffix(name), grants)
            : providersByModel
                .getIfCached(name)
                .flatMap(Function.identity())
                .flatMap(entry -> findCached(entry.id(), name, grants)));
  }

  private Optional<ResolvedModel> findCached(UUID provider, String model, GrantSet grants) {
    return providers.resolveCached(provider).flatMap(it -> modelCached(it, model, grants));
  }

  private static Optional<ResolvedModel> modelCached(
      ResolvedProvider provider, String model, GrantSet grants) {
    return provider.isInMemory()
            && provider.offers(model)
            && grants.allowsModel(provider.name(), model)
        ? Optional.of(ResolvedModel.of(provider, model))
        : Optional.empty();
  }

  private static Optional<String> providerPrefix(String name) {
    int slash = name.indexOf('/');
    return slash > 0 && slash < name.length() - 1
        ? Optional.of(name.substring(0, slash))
        : Optional.empty();
  }

  private static String modelSuffix(String name) {
    return name.substring(name.indexOf('/') + 1);
  }

  /// Finds a model. Blocks.
  private ResolvedModel find(String name, GrantSet grants, PlanRequest call) {
    Optional<UUID> route = routes.findId(name);
    Optional<ResolvedModel> found =
        route.isPresent()
            ? route
                .filter(grants::allowsRoute)
                .flatMap(id -> routes.plan(id, call))
                .map(ResolvedModel::new)
            : findAgentOrProvider(name, grants, call);
    return found.orElseThrow(() -> notFound(name, grants));
  }

  private Optional<ResolvedModel> findAgentOrProvider(
      String name, GrantSet grants, PlanRequest call) {
    Optional<UUID> agent = agents.findId(name);
    return agent.isPresent()
        ? agent.filter(grants::allowsAgent).flatMap(agents::find).map(it -> planned(it, call))
        : findProvider(name, grants);
  }

  private ResolvedModel planned(AgentModel agent, PlanRequest call) {
    return agent
        .plan(routes, call)
        .map(ResolvedModel::new)
        .orElseThrow(() ->
            new UnavailableException(
                "the route of this agent was deleted a moment ago", CHANGE_RETRY_AFTER));
  }

  private Optional<ResolvedModel> findProvider(String name, GrantSet grants) {
    Optional<ResolvedProvider> named = providerPrefix(name).flatMap(providers::resolve);
    return named.isPresent()
        ? model(named.get(), modelSuffix(name), grants)
        : Completions.join(providersByModel.get(name))
            .flatMap(entry -> models.resolve(entry.id()))
            .flatMap(provider -> model(provider, name, grants));
  }

  private static Optional<ResolvedModel> model(
      ResolvedProvider provider, String model, GrantSet grants) {
    return provider.offers(model) && grants.allowsModel(provider.name(), model)
        ? Optional.of(ResolvedModel.of(provider, model))
        : Optional.empty();
  }
}
