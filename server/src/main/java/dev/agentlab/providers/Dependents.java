package dev.agentlab.providers;

import dev.agentlab.json.SchemaName;
import java.util.List;
import java.util.UUID;

/// The agents and routes that use a provider and prevent its deletion. A page has the agents in the
/// order of their names, then the routes in the order of theirs.
///
/// @param agents the agents of one page
/// @param routes the routes of the page
/// @param total the number of agents and routes on all pages
@SchemaName("ProviderDependents")
public record Dependents(List<Dependent> agents, List<Dependent> routes, long total) {
  public Dependents {
    agents = List.copyOf(agents);
    routes = List.copyOf(routes);
  }

  /// An agent or a route that uses the provider.
  @SchemaName("ProviderDependent")
  public record Dependent(UUID id, String name) {}
}
