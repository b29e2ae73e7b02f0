package dev.agentlab.agents;

import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How an agent is configured, everything left out filled in. Printed it shows no secret.
///
/// @param name the configuration's own name, which means nothing here
/// @param systemPrompt what the model is told before every conversation; may be empty
public record AgentConfig(
    Optional<String> name,
    String systemPrompt,
    ClientSettings client,
    ProviderReference provider,
    ModelSettings model) {

  /// The JSON to store, its secrets still in the open. What it does not hold is which registered
  /// provider it uses: that has a column of its own.
  ObjectNode stored() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    name.ifPresent(text -> json.put("name", text));
    json.put("system_prompt", systemPrompt).set("client", client.json());
    if (provider instanceof ProviderReference.Inline(var config)) {
      json.set("provider", config.stored());
    }
    json.set("model", model.json());
    return json;
  }
}
