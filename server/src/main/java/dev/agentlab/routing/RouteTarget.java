package dev.agentlab.routing;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A target of a model route.
///
/// @param weight the share of calls among the targets of the same priority, 1 to 10000
/// @param priority 1 to 100; targets with a lower one are tried first
public record RouteTarget(RouteDestination destination, int weight, int priority) {
  static final int MAX_WEIGHT = 10_000;
  static final int MAX_PRIORITY = 100;

  /// The JSON to store.
  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    switch (destination) {
      case RouteDestination.ProviderModel(var provider, var model) ->
          json.put("provider_id", provider.toString()).put("model", model);
      case RouteDestination.RegisteredAgent(var agent) -> json.put("agent_id", agent.toString());
    }
    return json.put("weight", weight).put("priority", priority);
  }
}
