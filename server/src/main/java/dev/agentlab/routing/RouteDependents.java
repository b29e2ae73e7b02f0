package dev.agentlab.routing;

import dev.agentlab.json.SchemaName;
import java.util.List;
import java.util.UUID;

/// The agents that use a route and prevent its deletion.
///
/// @param agents one page, in the order of their names
/// @param total the number of agents on all pages
@SchemaName("RouteDependents")
public record RouteDependents(List<RouteDependent> agents, long total) {
  public RouteDependents {
    agents = List.copyOf(agents);
  }

  /// An agent that uses the route.
  @SchemaName("RouteDependent")
  public record RouteDependent(UUID id, String name) {}
}
