package dev.agentlab.agents;

import dev.agentlab.json.SchemaName;
import java.util.List;
import java.util.UUID;

/// The routes that use an agent and prevent its deletion.
///
/// @param routes one page, in the order of their names
/// @param total the number of routes on all pages
@SchemaName("AgentDependents")
public record AgentDependents(List<AgentDependent> routes, long total) {
  public AgentDependents {
    routes = List.copyOf(routes);
  }

  /// A route that uses the agent.
  @SchemaName("AgentDependent")
  public record AgentDependent(UUID id, String name) {}
}
