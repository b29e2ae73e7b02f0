package dev.agentlab.agents;

import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An agent's configuration with defaults applied. `toString` contains no secrets.
///
/// @param name the configuration's own name; stored but not used
/// @param systemPrompt the system message that starts every conversation; may be empty
public record AgentConfig(
    Optional<String> name,
    String systemPrompt,
    ClientSettings client,
    ProviderReference provider,
    ModelSettings model) {

  /// The JSON to store, with plaintext secrets. It does not contain the id of a registered
  /// provider, which has a column of its own.
  ObjectNode toStoredJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    name.ifPresent(text -> json.put("name", text));
    json.put("system_prompt", systemPrompt).set("client", client.toJson());
    if (provider instanceof ProviderReference.Inline(var config)) {
      json.set("provider", config.stored());
    }
    json.set("model", model.toJson());
    return json;
  }
}
