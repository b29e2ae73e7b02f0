package dev.agentlab.agents;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The present names of the routes of stored agents. A route that has been deleted has none.
record RouteNames(Map<UUID, String> byId) {
  /// No names.
  static final RouteNames NONE = new RouteNames(Map.of());

  RouteNames {
    byId = Map.copyOf(byId);
  }

  /// Looks up the names for some stored configurations.
  static RouteNames find(RouteLookup lookup, Collection<StoredAgentConfig> configs) {
    Set<UUID> ids =
        configs.stream().flatMap(it -> it.routeId().stream()).collect(Collectors.toSet());
    return ids.isEmpty() ? NONE : new RouteNames(lookup.routeNames(ids));
  }

  /// The name of a route, if it is known.
  Optional<String> find(UUID route) {
    return Optional.ofNullable(byId.get(route));
  }

  /// The JSON of a configuration for responses, with the name of its route before the id.
  ObjectNode addTo(ObjectNode shown, Optional<UUID> route) {
    Optional<String> name = route.flatMap(this::find);
    if (name.isEmpty()) {
      return shown;
    }
    ObjectNode named = JsonNodeFactory.instance.objectNode();
    shown.forEachEntry((member, value) -> {
      if (member.equals("route_id")) {
        named.put("route", name.get());
      }
      named.set(member, value);
    });
    return named;
  }
}
