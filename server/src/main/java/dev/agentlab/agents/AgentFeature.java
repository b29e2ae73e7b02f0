package dev.agentlab.agents;

import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The registry of agents.
public record AgentFeature(Agents agents, ProviderKinds kinds) implements Feature {
  public static final Scope AGENTS_READ =
      new Scope("agents:read", "reading agents and their revisions");
  static final Scope AGENTS_WRITE =
      new Scope("agents:write", "creating, changing and deleting agents");

  public static final List<Scope> SCOPES = List.of(AGENTS_READ, AGENTS_WRITE);

  @Override
  public List<RouteGroup> routes() {
    return List.of(AgentRoutes.of(agents));
  }

  @Override
  public Map<Class<?>, JsonNode> schemas() {
    return AgentSchemas.of(kinds);
  }
}
