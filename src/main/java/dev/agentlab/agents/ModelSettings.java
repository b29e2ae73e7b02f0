package dev.agentlab.agents;

import dev.agentlab.llm.Capability;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The model an agent uses, and for what.
///
/// @param name as the provider knows it
/// @param capabilities what it is used for, at least one; each with the options that requests of
///   that sort carry unless they say otherwise. Not to be changed: [#options] gives a copy
public record ModelSettings(String name, Map<Capability, ObjectNode> capabilities) {
  public ModelSettings {
    capabilities = Collections.unmodifiableMap(new EnumMap<>(capabilities));
  }

  /// The options of a capability; empty if the model is not used for it.
  public Optional<ObjectNode> options(Capability capability) {
    return Optional.ofNullable(capabilities.get(capability)).map(ObjectNode::deepCopy);
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", name);
    ObjectNode used = json.putObject("capabilities");
    capabilities.forEach((capability, options) -> used.set(capability.toString(), options));
    return json;
  }
}
