package dev.agentlab.agents;

import dev.agentlab.net.Uuids;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// What the provider and the route in a request denote. Looked up before the transaction that
/// stores the request: with a pool of one connection, a query within it would block.
///
/// @param provider the id of the registered provider that `provider` names, if it exists
/// @param route the id of the route that `route` names, if it exists
/// @param routeNames the names of the routes in `route` and `route_id` that exist
record NamedReferences(Optional<UUID> provider, Optional<UUID> route, RouteNames routeNames) {
  /// A request that names nothing that exists.
  static final NamedReferences NONE =
      new NamedReferences(Optional.empty(), Optional.empty(), RouteNames.NONE);

  /// Looks up the references of a configuration.
  static NamedReferences find(
      AgentConfigInput config, ProviderLookup providers, RouteLookup routes) {
    JsonNode json = config.json();
    Optional<String> routeName = json.path("route").stringValueOpt();
    Optional<UUID> route = routeName.flatMap(routes::findRouteId);
    Map<UUID, String> names = new HashMap<>();
    Uuids.parse(json.path("route_id").stringValue(""))
        .ifPresent(id -> names.putAll(routes.routeNames(Set.of(id))));
    route.ifPresent(id -> names.put(id, routeName.orElseThrow()));
    return new NamedReferences(
        json.path("provider").stringValueOpt().flatMap(providers::findId),
        route,
        new RouteNames(names));
  }
}
