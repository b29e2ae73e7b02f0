package dev.agentlab.dialects;

import static java.util.Locale.ROOT;

import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.ObjectNode;

/// Converts Google's schemas, a subset of those of OpenAPI 3.0
/// (https://ai.google.dev/api/caching#Schema), to JSON Schema.
final class GeminiSchema {
  /// Formats of OpenAPI, which some providers reject because JSON Schema has no such ones.
  private static final Set<String> FORMATS_OF_OPEN_API =
      Set.of("double", "enum", "float", "int32", "int64");

  private final boolean isClosed;

  private GeminiSchema(boolean isClosed) {
    this.isClosed = isClosed;
  }

  /// The JSON Schema of what a caller may pass.
  static ObjectNode toJsonSchema(ObjectNode schema) {
    return new GeminiSchema(false).convert(schema);
  }

  /// The JSON Schema of what a model returns: objects have no other members than those described.
  static ObjectNode toClosedJsonSchema(ObjectNode schema) {
    return new GeminiSchema(true).convert(schema);
  }

  private ObjectNode convert(ObjectNode schema) {
    ObjectNode json = ProviderJson.object();
    schema.forEachEntry((name, value) -> convert(GeminiRequestReader.camelCase(name), value, json));
    boolean isNullable =
        schema.path("nullable").booleanValue(false) && json.path("type").isString();
    if (isNullable) {
      json.putArray("type").add(schema.path("type").stringValue().toLowerCase(ROOT)).add("null");
      if (json.path("enum") instanceof ArrayNode values) {
        values.addNull();
      }
    }
    if (isClosed && json.path("properties").isObject() && !json.has("additionalProperties")) {
      json.put("additionalProperties", false);
    }
    return json;
  }

  private void convert(String name, JsonNode value, ObjectNode json) {
    switch (name) {
      case "nullable", "propertyOrdering" -> {}
      case "type" -> {
        String type = value.asString("").toLowerCase(ROOT);
        if (value.isArray()) {
          json.set(name, value);
        } else if (!type.equals("type_unspecified")) {
          json.put(name, type);
        }
      }
      case "format" -> {
        if (!FORMATS_OF_OPEN_API.contains(value.stringValue(""))) {
          json.set(name, value);
        }
      }
      case "example" -> json.putArray("examples").add(value);
      case "enum" -> json.set(name, value.deepCopy());
      case "properties" -> {
        ObjectNode properties = json.putObject(name);
        value.forEachEntry((property, schema) -> properties.set(property, convertAny(schema)));
      }
      case "anyOf" -> {
        ArrayNode schemas = json.putArray(name);
        value.forEach(schema -> schemas.add(convertAny(schema)));
      }
      case "items", "additionalProperties" -> json.set(name, convertAny(value));
      case "maxItems", "minItems", "maxLength", "minLength", "maxProperties", "minProperties" ->
          json.set(name, number(value));
      default -> json.set(name, value);
    }
  }

  private JsonNode convertAny(JsonNode schema) {
    return schema instanceof ObjectNode object ? convert(object) : schema;
  }

  /// Google writes integers of 64 bits as texts.
  private static JsonNode number(JsonNode value) {
    try {
      return value.isString() ? LongNode.valueOf(Long.parseLong(value.stringValue())) : value;
    } catch (NumberFormatException e) {
      return value;
    }
  }

  /// Whether each object in a JSON Schema requires all its members and has no others. Only such a
  /// schema is guaranteed by all providers.
  static boolean isClosed(JsonNode schema) {
    if (schema.path("properties") instanceof ObjectNode properties) {
      Set<String> required =
          schema
              .path("required")
              .valueStream()
              .map(name -> name.asString(""))
              .collect(Collectors.toSet());
      if (!schema.path("additionalProperties").equals(BooleanNode.FALSE)
          || !required.containsAll(properties.propertyNames())) {
        return false;
      }
    } else if (schema.path("type").stringValue("").equals("object")) {
      return false;
    }
    return schema.valueStream().allMatch(GeminiSchema::isClosed);
  }
}
