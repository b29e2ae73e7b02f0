package dev.agentlab.server;

import dev.agentlab.agents.AgentFeature;
import dev.agentlab.agents.run.AgentRunFeature;
import dev.agentlab.audit.AuditFeature;
import dev.agentlab.calls.CallFeature;
import dev.agentlab.console.ConsoleFeature;
import dev.agentlab.feature.Feature;
import dev.agentlab.gateway.GatewayFeature;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.keys.KeyFeature;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.listing.SearchParams;
import dev.agentlab.modelclient.routes.CallContexts;
import dev.agentlab.overview.OverviewFeature;
import dev.agentlab.providers.ProviderFeature;
import dev.agentlab.responses.ResponseFeature;
import dev.agentlab.routing.ModelRouteFeature;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.Scope;
import dev.agentlab.sessions.SessionFeature;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/// The features of the service and what they contribute together.
final class Features {

  /// All features, in the order of the API description.
  private static final List<Entry> ALL =
      List.of(
          new Entry(
              ProviderFeature.SCOPES,
              (runtime, domain) ->
                  new ProviderFeature(
                      domain.providers(),
                      runtime.providerKinds(),
                      runtime.providerProbe(),
                      runtime.modelCatalog())),
          new Entry(
              AgentFeature.SCOPES,
              (runtime, domain) -> new AgentFeature(domain.agents(), runtime.providerKinds())),
          new Entry(
              ModelRouteFeature.SCOPES, (_, domain) -> new ModelRouteFeature(domain.modelRoutes())),
          new Entry(
              AgentRunFeature.SCOPES,
              (runtime, domain) ->
                  new AgentRunFeature(
                      domain.agentRuns(),
                      domain.agents(),
                      runtime.schemaValidator(),
                      new CallContexts(runtime.labelHeaders()))),
          new Entry(
              GatewayFeature.SCOPES,
              (runtime, domain) ->
                  new GatewayFeature(
                      domain.modelRoutes(),
                      domain.routePlanner(),
                      domain.agents(),
                      domain.agentRuns().models(),
                      domain.providers(),
                      runtime.modelCatalog(),
                      runtime.changeFeed(),
                      runtime.modelClient(),
                      domain.responses(),
                      runtime.labelHeaders(),
                      runtime.memoryBudget(),
                      runtime.gatewayMaxBodyBytes())),
          new Entry(ResponseFeature.SCOPES, (_, domain) -> new ResponseFeature(domain.responses())),
          new Entry(
              KeyFeature.SCOPES,
              (runtime, domain) ->
                  new KeyFeature(
                      domain.keys(),
                      domain.adminKey(),
                      runtime.apiKeyAuthenticator(),
                      Features.SCOPES)),
          new Entry(
              SessionFeature.SCOPES,
              (runtime, domain) ->
                  new SessionFeature(
                      domain.sessions(),
                      domain.sessionKeys(),
                      runtime.sessionAuthenticator(),
                      runtime.vault(),
                      runtime.oidcClient())),
          new Entry(
              CallFeature.SCOPES,
              (runtime, domain) -> new CallFeature(runtime.calls(), domain.modelRoutes()::findId)),
          new Entry(
              AuditFeature.SCOPES,
              (runtime, _) -> new AuditFeature(runtime.auditReader(), runtime.auditChainWorker())),
          new Entry(
              SecretFeature.SCOPES,
              (runtime, _) -> new SecretFeature(runtime.vault(), runtime.auditTrail())),
          new Entry(
              OverviewFeature.SCOPES,
              (runtime, domain) ->
                  new OverviewFeature(
                      runtime.lifecycle()::unreadyReason,
                      domain.providers(),
                      domain.agents(),
                      domain.modelRoutes(),
                      domain.keys(),
                      runtime.modelClient(),
                      runtime.recentCalls())),
          new Entry(
              AboutFeature.SCOPES,
              (runtime, _) ->
                  new AboutFeature(
                      runtime.config(), runtime.createdAt(), runtime.database(), runtime.vault())),
          new Entry(
              HealthFeature.SCOPES,
              (runtime, _) ->
                  new HealthFeature(runtime.lifecycle(), runtime.vault(), runtime.metrics())),
          new Entry(ConsoleFeature.SCOPES, (_, _) -> new ConsoleFeature()));

  /// The scopes of all features.
  static final GrantableScopes SCOPES =
      new GrantableScopes(ALL.stream().flatMap(entry -> entry.scopes().stream()).toList());

  private final List<Feature> features;
  private final List<RouteGroup> routes;
  private final Map<Class<?>, JsonNode> schemas;

  /// A feature before its creation.
  private record Entry(
      List<Scope> scopes, BiFunction<RuntimeComponents, DomainComponents, Feature> factory) {}

  /// @param scopes the scopes of all features
  /// @throws IllegalArgumentException if a route requires another scope, or two features declare
  ///   different problem types with the same slug or different schemas of the same type
  Features(List<Feature> features, GrantableScopes scopes) {
    this.features = List.copyOf(features);
    routes = features.stream().flatMap(it -> it.routes().stream()).toList();
    List<Route> all = routes.stream().flatMap(it -> it.routes().stream()).toList();
    requireKnownScopes(all, scopes);
    requireUniqueProblems(all);
    schemas = mergeSchemas(features);
  }

  /// Creates the features without starting them.
  static Features create(RuntimeComponents runtime, DomainComponents domain) {
    return new Features(
        ALL.stream().map(entry -> entry.factory().apply(runtime, domain)).toList(), SCOPES);
  }

  private static void requireKnownScopes(List<Route> routes, GrantableScopes scopes) {
    for (Route route : routes) {
      if (route.scope().isGrantable() && !scopes.all().contains(route.scope())) {
        throw new IllegalArgumentException(
            "%s: no feature declares the scope %s".formatted(route.summary(), route.scope()));
      }
    }
  }

  private static void requireUniqueProblems(List<Route> routes) {
    Map<String, ProblemType> types = new HashMap<>();
    for (Route route : routes) {
      for (ProblemType type : route.allProblems()) {
        ProblemType other = types.putIfAbsent(type.slug(), type);
        if (other != null && !other.equals(type)) {
          throw new IllegalArgumentException(
              "duplicate problem type: %s and %s".formatted(other, type));
        }
      }
    }
  }

  private static Map<Class<?>, JsonNode> mergeSchemas(List<Feature> features) {
    Map<Class<?>, JsonNode> merged = new HashMap<>(SearchParams.schemas());
    for (Feature feature : features) {
      feature
          .schemas()
          .forEach((type, schema) -> {
            JsonNode other = merged.putIfAbsent(type, schema);
            if (other != null && !other.equals(schema)) {
              throw new IllegalArgumentException("duplicate schema of " + type.getTypeName());
            }
          });
    }
    return Map.copyOf(merged);
  }

  /// All route groups.
  List<RouteGroup> routes() {
    return routes;
  }

  /// The JSON Schemas of types whose Java declaration is not sufficient.
  Map<Class<?>, JsonNode> schemas() {
    return schemas;
  }

  /// Registers the startup tasks, stop tasks and readiness checks of all features.
  void register(Lifecycle lifecycle) {
    features.forEach(feature -> feature.register(lifecycle));
  }
}
