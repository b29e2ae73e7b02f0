package dev.agentlab.jsonschema;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Validates the size, reference cycles and evaluation cost of a schema by its structure, before it
/// is compiled or evaluated.
final class SchemaShape {
  private static final int MOST_VALUES = 5_000;
  private static final int MOST_TEXT = 1 << 18;

  /// Values after each distinct reference is expanded once: the validator compiles the target of a
  /// reference again for each spelling of the reference.
  private static final int MOST_COMPILED = 30_000;

  /// Schemas applied to one value, through references and keywords such as `allOf`.
  private static final int MOST_AT_ONCE = 10_000;

  /// The nesting depth of the schemas applied to one value.
  private static final int MOST_DEPTH = 100;

  /// Keywords whose schemas apply to the same value.
  private static final List<String> SAME = List.of("not", "if", "then", "else");

  private static final List<String> SAME_LISTS = List.of("allOf", "anyOf", "oneOf");
  private static final List<String> SAME_MEMBERS = List.of("dependentSchemas", "dependencies");

  /// Keywords whose schemas apply to a part of the value.
  private static final List<String> PARTS =
      List.of(
          "items",
          "additionalItems",
          "unevaluatedItems",
          "contains",
          "additionalProperties",
          "unevaluatedProperties",
          "propertyNames");

  private static final List<String> PART_LISTS = List.of("items", "prefixItems");
  private static final List<String> PART_MEMBERS = List.of("properties", "patternProperties");

  private static final List<String> REFERENCES = List.of("$ref", "$dynamicRef", "$recursiveRef");
  private static final List<String> ANCHORS = List.of("$anchor", "$dynamicAnchor");

  private final JsonNode root;
  private final Set<String> references = new HashSet<>();
  private final Map<String, JsonNode> anchors = new HashMap<>();
  private int values;
  private int resources;

  private final IdentityHashMap<JsonNode, Weight> weights = new IdentityHashMap<>();
  private final Set<JsonNode> pathSoFar = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<JsonNode> toWeigh = new ArrayDeque<>();

  private SchemaShape(JsonNode root) {
    this.root = root;
  }

  /// The cost of evaluating one value.
  private record Weight(long schemas, int depth) {}

  /// @throws UnfitSchemaException if the schema is too large, applies too many schemas to one
  ///   value, or contains a reference cycle for one value
  static void check(JsonNode schema) {
    SchemaShape shape = new SchemaShape(schema);
    shape.measure();
    // In an embedded resource references resolve differently, so only the limits of the evaluation
    // apply.
    if (shape.resources == 0) {
      shape.weigh();
    }
  }

  private void measure() {
    if (root.toString().length() > MOST_TEXT) {
      throw new UnfitSchemaException("must be at most %d characters long".formatted(MOST_TEXT));
    }
    count(root);
    long compiled = values;
    for (String reference : references) {
      boolean pointer = reference.startsWith("#/") && resources == 0;
      compiled += pointer ? size(target(reference)) : (long) values * (1 + resources);
      if (compiled > MOST_COMPILED) {
        throw new UnfitSchemaException("must have at most %d values with all references expanded".formatted(MOST_COMPILED));
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // Only the root itself is meant, not an equal value.
  private void count(JsonNode value) {
    if (++values > MOST_VALUES) {
      throw new UnfitSchemaException("must have at most %d values".formatted(MOST_VALUES));
    }
    if (value != root && value.path("$id").isString()) {
      resources++;
    }
    for (String keyword : REFERENCES) {
      value.path(keyword).stringValueOpt().filter(it -> !it.equals("#")).ifPresent(references::add);
    }
    for (String keyword : ANCHORS) {
      value.path(keyword).stringValueOpt().ifPresent(name -> anchors.putIfAbsent(name, value));
    }
    value.values().forEach(this::count);
  }

  private static int size(JsonNode value) {
    int size = 1;
    for (JsonNode part : value.values()) {
      size += size(part);
    }
    return size;
  }

  private void weigh() {
    toWeigh.add(root);
    while (!toWeigh.isEmpty()) {
      weight(toWeigh.remove());
    }
  }

  private Weight weight(JsonNode schema) {
    Weight known = weights.get(schema);
    if (known != null) {
      return known;
    }
    if (!pathSoFar.add(schema)) {
      throw new UnfitSchemaException("must not contain a reference cycle for the same value");
    }
    long schemas = 1;
    int depth = 1;
    for (JsonNode next : forTheSame(schema)) {
      Weight nextCost = pathSoFar.size() > MOST_DEPTH ? new Weight(1, MOST_DEPTH) : weight(next);
      schemas += nextCost.schemas();
      depth = Math.max(depth, nextCost.depth() + 1);
    }
    if (depth > MOST_DEPTH || schemas > MOST_AT_ONCE) {
      throw new UnfitSchemaException(
          "must apply at most %d schemas to one value, nested at most %d deep"
              .formatted(MOST_AT_ONCE, MOST_DEPTH));
    }
    pathSoFar.remove(schema);
    Weight cost = new Weight(schemas, depth);
    weights.put(schema, cost);
    toWeigh.addAll(forParts(schema));
    return cost;
  }

  private List<JsonNode> forTheSame(JsonNode schema) {
    List<JsonNode> same = below(schema, SAME, SAME_LISTS, SAME_MEMBERS);
    for (String keyword : REFERENCES) {
      schema
          .path(keyword)
          .stringValueOpt()
          .map(this::target)
          .filter(JsonNode::isObject)
          .ifPresent(same::add);
    }
    return same;
  }

  private static List<JsonNode> forParts(JsonNode schema) {
    return below(schema, PARTS, PART_LISTS, PART_MEMBERS);
  }

  private static List<JsonNode> below(
      JsonNode schema, List<String> single, List<String> lists, List<String> members) {
    List<JsonNode> subschemas = new ArrayList<>();
    single.forEach(keyword -> subschemas.add(schema.path(keyword)));
    lists.stream()
        .map(schema::path)
        .filter(JsonNode::isArray)
        .forEach(it -> subschemas.addAll(it.values()));
    members.stream()
        .map(schema::path)
        .filter(JsonNode::isObject)
        .forEach(it -> subschemas.addAll(it.values()));
    subschemas.removeIf(it -> !it.isObject());
    return subschemas;
  }

  /// Resolves a reference within the schema; a missing node if it cannot be resolved.
  private JsonNode target(String reference) {
    if (!reference.startsWith("#")) {
      return JsonNodeFactory.instance.missingNode();
    }
    String fragment = reference.substring(1);
    if (!fragment.isEmpty() && !fragment.startsWith("/")) {
      return anchors.getOrDefault(fragment, JsonNodeFactory.instance.missingNode());
    }
    try {
      return root.at(URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return JsonNodeFactory.instance.missingNode();
    }
  }
}
