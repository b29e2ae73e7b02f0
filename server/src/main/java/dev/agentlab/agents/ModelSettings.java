package dev.agentlab.agents;

import dev.agentlab.kinds.Capability;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The model of an agent, with default options.
///
/// @param name the provider's name of the model; empty for an agent over a route
/// @param capabilities default request options by capability. Must not be modified; [#options]
///   returns a copy
public record ModelSettings(String name, Map<Capability, ObjectNode> capabilities) {
  public ModelSettings {
    capabilities = Collections.unmodifiableMap(new EnumMap<>(capabilities));
  }

  /// A copy of the default options of requests that use a capability.
  public ObjectNode options(Capability capability) {
    return Optional.ofNullable(capabilities.get(capability))
        .map(ObjectNode::deepCopy)
        .orElseGet(JsonNodeFactory.instance::objectNode);
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (!name.isEmpty()) {
      json.put("name", name);
    }
    ObjectNode optionsByCapability = json.putObject("capabilities");
    capabilities.forEach(
        (capability, options) -> optionsByCapability.set(capability.toString(), options));
    return json;
  }
}
