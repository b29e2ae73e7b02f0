package dev.agentlab.simulation;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Generates a value that satisfies a JSON Schema. The value is always the same: an object has all
/// its properties, an array has one element, and a string is the name of its property. Ignores
/// `pattern`, `not`, `if` and `uniqueItems`.
final class SchemaExample {
  /// Deeper levels contain only what is required, because a schema can contain itself.
  private static final int MAX_OPTIONAL_DEPTH = 4;

  private static final int MAX_DEPTH = 40;

  /// Limit of schema members visited and characters written; beyond it, values are `null`. A schema
  /// can refer to a large part of itself many times.
  private static final int MAX_WORK = 1_000_000;

  private static final int MAX_ITEMS = 100;
  private static final int MAX_TEXT_LENGTH = 10_000;

  /// Numeric bounds with a larger scale are ignored.
  private static final int MAX_SCALE = 100;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final Map<String, String> FORMATS =
      Map.of(
          "date", "2026-01-01",
          "date-time", "2026-01-01T00:00:00Z",
          "time", "00:00:00Z",
          "duration", "PT1S",
          "email", "someone@example.com",
          "hostname", "example.com",
          "ipv4", "192.0.2.1",
          "ipv6", "2001:db8::1",
          "uri", "https://example.com",
          "uuid", "00000000-0000-4000-8000-000000000000");

  private final JsonNode root;
  private long work;

  private SchemaExample(JsonNode root) {
    this.root = root;
  }

  /// Generates a value.
  ///
  /// @param name the content of a string without constraints
  static JsonNode of(JsonNode schema, String name) {
    return new SchemaExample(schema).value(schema, name, 0);
  }

  private JsonNode value(JsonNode given, String name, int depth) {
    if (depth > MAX_DEPTH || exceedsWorkLimit(1)) {
      return NODES.nullNode();
    }
    ObjectNode schema = NODES.objectNode();
    merge(given, schema, depth);
    for (JsonNode fixed :
        List.of(schema.path("const"), schema.path("enum").path(0), schema.path("default"))) {
      if (!fixed.isMissingNode()) {
        return exceedsWorkLimit(fixed.toString().length()) ? NODES.nullNode() : fixed;
      }
    }
    return switch (type(schema)) {
      case "object" -> object(schema, depth);
      case "array" -> array(schema, name, depth);
      case "integer" -> NODES.numberNode(number(schema, true).toBigInteger());
      case "number" -> NODES.numberNode(number(schema, false));
      case "boolean" -> NODES.booleanNode(true);
      case "null" -> NODES.nullNode();
      default -> NODES.stringNode(text(schema, name));
    };
  }

  /// Merges the keywords of a schema, of its `$ref`, of all of `allOf`, and of the first of `anyOf`
  /// and of `oneOf`.
  private void merge(JsonNode schema, ObjectNode into, int depth) {
    String reference = schema.path("$ref").stringValue("");
    int members = schema.size() + schema.path("properties").size() + schema.path("required").size();
    if (!schema.isObject()
        || depth > MAX_DEPTH
        || exceedsWorkLimit(1 + members + reference.length())) {
      return;
    }
    if (reference.equals("#") || reference.startsWith("#/")) {
      merge(root.at(reference.substring(1)), into, depth + 1);
    }
    schema.path("allOf").forEach(part -> merge(part, into, depth + 1));
    merge(schema.path("anyOf").path(0), into, depth + 1);
    merge(schema.path("oneOf").path(0), into, depth + 1);
    schema.forEachEntry((member, value) -> {
      switch (member) {
        case "properties" -> value.forEachEntry(into.withObjectProperty(member)::set);
        case "required" -> into.withArrayProperty(member).addAll(value.values());
        default -> into.set(member, value);
      }
    });
  }

  /// Adds to the work, and returns whether the limit was exceeded before.
  private boolean exceedsWorkLimit(int amount) {
    boolean exhausted = work > MAX_WORK;
    work += amount;
    return exhausted;
  }

  private static String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    if (type.isArray()) {
      return type.path(0).stringValue("");
    }
    return type.stringValueOpt()
        .orElse(schema.has("properties") ? "object" : schema.has("items") ? "array" : "string");
  }

  private JsonNode object(JsonNode schema, int depth) {
    ObjectNode object = NODES.objectNode();
    Set<String> required =
        schema.path("required").valueStream().map(JsonNode::asString).collect(Collectors.toSet());
    schema
        .path("properties")
        .forEachEntry((name, property) -> {
          if (depth < MAX_OPTIONAL_DEPTH || required.contains(name)) {
            object.set(name, value(property, name, depth + 1));
          }
        });
    return object;
  }

  private JsonNode array(JsonNode schema, String name, int depth) {
    List<JsonNode> first = new ArrayList<>(schema.path("prefixItems").values());
    int min = schema.path("minItems").asInt(0);
    int max = schema.path("maxItems").asInt(MAX_ITEMS);
    int size = Math.max(min, Math.max(first.size(), depth < MAX_OPTIONAL_DEPTH ? 1 : 0));
    ArrayNode array = NODES.arrayNode();
    for (int i = 0; i < Math.min(size, Math.min(max, MAX_ITEMS)); i++) {
      JsonNode item = i < first.size() ? first.get(i) : schema.path("items");
      array.add(value(item, name, depth + 1));
    }
    return array;
  }

  private static BigDecimal number(JsonNode schema, boolean whole) {
    Optional<BigDecimal> above = bound(schema, "exclusiveMinimum");
    Optional<BigDecimal> below = bound(schema, "exclusiveMaximum");
    Optional<BigDecimal> min = above.or(() -> bound(schema, "minimum"));
    Optional<BigDecimal> max = below.or(() -> bound(schema, "maximum"));
    Optional<BigDecimal> step =
        bound(schema, "multipleOf")
            .filter(it -> it.signum() > 0)
            .or(() -> Optional.of(BigDecimal.ONE).filter(_ -> whole));
    if (step.isEmpty() && above.isPresent() && max.isPresent()) {
      return above.get().add(max.get()).divide(BigDecimal.TWO);
    }
    BigDecimal unit = step.orElse(BigDecimal.ONE);
    if (min.isPresent()) {
      BigDecimal value = multiple(min.get(), step, RoundingMode.CEILING);
      return above.filter(it -> value.compareTo(it) <= 0).isPresent() ? value.add(unit) : value;
    }
    BigDecimal value =
        multiple(max.orElse(BigDecimal.ZERO).min(BigDecimal.ZERO), step, RoundingMode.FLOOR);
    return below.filter(it -> value.compareTo(it) >= 0).isPresent() ? value.subtract(unit) : value;
  }

  private static BigDecimal multiple(
      BigDecimal number, Optional<BigDecimal> step, RoundingMode rounding) {
    return step.map(it -> number.divide(it, 0, rounding).multiply(it)).orElse(number);
  }

  private static Optional<BigDecimal> bound(JsonNode schema, String bound) {
    return Optional.of(schema.path(bound))
        .filter(JsonNode::isNumber)
        .map(JsonNode::decimalValue)
        .filter(number -> Math.abs(number.scale()) <= MAX_SCALE);
  }

  private String text(JsonNode schema, String name) {
    String format = FORMATS.get(schema.path("format").stringValue(""));
    if (format != null) {
      return format;
    }
    int min = Math.min(schema.path("minLength").asInt(0), MAX_TEXT_LENGTH);
    int max = schema.path("maxLength").asInt(MAX_TEXT_LENGTH);
    if (exceedsWorkLimit(Math.max(min, name.length()))) {
      return "";
    }
    String text = name + "-".repeat(Math.max(0, min - name.length()));
    return text.substring(0, Math.clamp(max, 0, text.length()));
  }
}
