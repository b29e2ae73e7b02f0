package dev.agentlab.dialects;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A request that the service built.
///
/// @param json must not be changed afterwards
record RequestTree(ObjectNode json) implements RequestJson {

  @Override
  public boolean has(String member) {
    return json.has(member);
  }

  @Override
  public JsonNode value(String member) {
    return json.path(member);
  }

  @Override
  public int length(String member) {
    return 0;
  }

  @Override
  public RequestTree with(String member, JsonNode value) {
    ObjectNode copy = copy();
    copy.set(member, value);
    return new RequestTree(copy);
  }

  @Override
  public RequestTree without(String member) {
    ObjectNode copy = copy();
    copy.remove(member);
    return new RequestTree(copy);
  }

  @Override
  public RequestTree renamed(String member, String to) {
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    json.forEachEntry((name, value) -> copy.set(name.equals(member) ? to : name, value));
    return new RequestTree(copy);
  }

  @Override
  public RequestTree withFirstElement(String member, JsonNode element) {
    if (!(json.path(member) instanceof ArrayNode array)) {
      throw RequestJson.notAnArray(member);
    }
    return with(member, JsonNodeFactory.instance.arrayNode().add(element).addAll(array));
  }

  /// A copy of the object itself; the values are shared.
  private ObjectNode copy() {
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    copy.setAll(json);
    return copy;
  }

  @Override
  public ObjectNode toTree() {
    return json;
  }

  @Override
  public byte[] toBytes() {
    return ProviderJson.MAPPER.writeValueAsBytes(json);
  }
}
