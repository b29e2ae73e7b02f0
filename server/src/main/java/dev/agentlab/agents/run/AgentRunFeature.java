package dev.agentlab.agents.run;

import dev.agentlab.agents.Agents;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.jsonschema.SchemaValidator;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.modelclient.routes.CallContexts;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Runs of agents.
public record AgentRunFeature(
    AgentRuns runs, Agents agents, SchemaValidator validator, CallContexts contexts)
    implements Feature {
  public static final List<Scope> SCOPES = List.of(Scope.INVOKE);

  @Override
  public List<RouteGroup> routes() {
    return List.of(AgentRunRoutes.of(runs, agents, contexts));
  }

  @Override
  public Map<Class<?>, JsonNode> schemas() {
    return AgentRunSchemas.all();
  }

  @Override
  public void register(Lifecycle lifecycle) {
    lifecycle.onShutdown("schema validator", validator::stop);
  }
}
