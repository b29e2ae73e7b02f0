package dev.agentlab.agents;

import dev.agentlab.kinds.Capability;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The model an agent uses.
///
/// @param name as the provider knows it
/// @param capabilities default options of the requests that use a capability. Not to be changed:
///   [#options] returns a copy
public record ModelSettings(String name, Map<Capability, ObjectNode> capabilities) {
  public ModelSettings {
    capabilities = Collections.unmodifiableMap(new EnumMap<>(capabilities));
  }

  /// The default options of requests that use a capability.
  public ObjectNode options(Capability capability) {
    return Optional.ofNullable(capabilities.get(capability))
        .map(ObjectNode::deepCopy)
        .orElseGet(JsonNodeFactory.instance::objectNode);
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", name);
    ObjectNode used = json.putObject("capabilities");
    capabilities.forEach((capability, options) -> used.set(capability.toString(), options));
    return json;
  }
}
