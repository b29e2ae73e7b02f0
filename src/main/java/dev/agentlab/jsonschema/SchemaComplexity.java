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
final class SchemaComplexity {
  private static final int MAX_VALUES = 5_000;
  private static final int MAX_LENGTH = 1 << 18;

  /// Values after each distinct reference is expanded once: the validator compiles the target of a
  /// reference again for each spelling of the reference.
  private static final int MAX_EXPANDED_VALUES = 30_000;

  /// Schemas applied to one value, through references and keywords such as `allOf`.
  private static final int MAX_SCHEMAS_PER_VALUE = 10_000;

  /// The nesting depth of the schemas applied to one value.
  private static final int MAX_DEPTH = 100;

  /// Keywords whose schemas apply to the same value.
  private static final List<String> SAME_VALUE_KEYWORDS = List.of("not", "if", "then", "else");

  private static final List<String> SAME_VALUE_LIST_KEYWORDS = List.of("allOf", "anyOf", "oneOf");
  private static final List<String> SAME_VALUE_OBJECT_KEYWORDS =
      List.of("dependentSchemas", "dependencies");

  /// Keywords whose schemas apply to a part of the value.
  private static final List<String> PART_KEYWORDS =
      List.of(
          "items",
          "additionalItems",
          "unevaluatedItems",
          "contains",
          "additionalProperties",
          "unevaluatedProperties",
          "propertyNames");

  private static final List<String> PART_LIST_KEYWORDS = List.of("items", "prefixItems");
  private static final List<String> PART_OBJECT_KEYWORDS =
      List.of("properties", "patternProperties");

  private static final List<String> REFERENCE_KEYWORDS =
      List.of("$ref", "$dynamicRef", "$recursiveRef");
  private static final List<String> ANCHOR_KEYWORDS = List.of("$anchor", "$dynamicAnchor");

  private final JsonNode root;
  private final Set<String> references = new HashSet<>();
  private final Map<String, JsonNode> anchors = new HashMap<>();
  private int valueCount;
  private int resourceCount;

  private final IdentityHashMap<JsonNode, Cost> costs = new IdentityHashMap<>();
  private final Set<JsonNode> currentPath = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<JsonNode> pending = new ArrayDeque<>();

  private SchemaComplexity(JsonNode root) {
    this.root = root;
  }

  /// The cost of evaluating one value.
  private record Cost(long schemas, int depth) {}

  /// @throws UnfitSchemaException if the schema is too large, applies too many schemas to one
  ///   value, or contains a reference cycle for one value
  static void validate(JsonNode schema) {
    SchemaComplexity shape = new SchemaComplexity(schema);
    shape.checkSize();
    // In an embedded resource references resolve differently, so only the limits of the evaluation
    // apply.
    if (shape.resourceCount == 0) {
      shape.checkCosts();
    }
  }

  private void checkSize() {
    if (root.toString().length() > MAX_LENGTH) {
      throw new InvalidSchemaException("must be at most %d characters long".formatted(MAX_LENGTH));
    }
    countValues(root);
    long compiled = valueCount;
    for (String reference : references) {
      boolean pointer = reference.startsWith("#/") && resourceCount == 0;
      compiled +=
          pointer ? countNodes(resolve(reference)) : (long) valueCount * (1 + resourceCount);
      if (compiled > MAX_EXPANDED_VALUES) {
        throw new InvalidSchemaException(
            "must have at most %d values with all references expanded"
                .formatted(MAX_EXPANDED_VALUES));
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // Only the root itself is meant, not an equal value.
  private void countValues(JsonNode value) {
    if (++valueCount > MAX_VALUES) {
      throw new InvalidSchemaException("must have at most %d values".formatted(MAX_VALUES));
    }
    if (value != root && value.path("$id").isString()) {
      resourceCount++;
    }
    for (String keyword : REFERENCE_KEYWORDS) {
      value.path(keyword).stringValueOpt().filter(it -> !it.equals("#")).ifPresent(references::add);
    }
    for (String keyword : ANCHOR_KEYWORDS) {
      value.path(keyword).stringValueOpt().ifPresent(name -> anchors.putIfAbsent(name, value));
    }
    value.values().forEach(this::countValues);
  }

  private static int countNodes(JsonNode value) {
    int size = 1;
    for (JsonNode part : value.values()) {
      size += countNodes(part);
    }
    return size;
  }

  private void checkCosts() {
    pending.add(root);
    while (!pending.isEmpty()) {
      costOf(pending.remove());
    }
  }

  private Cost costOf(JsonNode schema) {
    Cost known = costs.get(schema);
    if (known != null) {
      return known;
    }
    if (!currentPath.add(schema)) {
      throw new InvalidSchemaException("must not contain a reference cycle for the same value");
    }
    long schemas = 1;
    int depth = 1;
    for (JsonNode next : schemasForSameValue(schema)) {
      Cost nextCost = currentPath.size() > MAX_DEPTH ? new Cost(1, MAX_DEPTH) : costOf(next);
      schemas += nextCost.schemas();
      depth = Math.max(depth, nextCost.depth() + 1);
    }
    if (depth > MAX_DEPTH || schemas > MAX_SCHEMAS_PER_VALUE) {
      throw new InvalidSchemaException(
          "must apply at most %d schemas to one value, nested at most %d deep"
              .formatted(MAX_SCHEMAS_PER_VALUE, MAX_DEPTH));
    }
    currentPath.remove(schema);
    Cost cost = new Cost(schemas, depth);
    costs.put(schema, cost);
    pending.addAll(schemasForParts(schema));
    return cost;
  }

  private List<JsonNode> schemasForSameValue(JsonNode schema) {
    List<JsonNode> same =
        findSubschemas(
            schema, SAME_VALUE_KEYWORDS, SAME_VALUE_LIST_KEYWORDS, SAME_VALUE_OBJECT_KEYWORDS);
    for (String keyword : REFERENCE_KEYWORDS) {
      schema
          .path(keyword)
          .stringValueOpt()
          .map(this::resolve)
          .filter(JsonNode::isObject)
          .ifPresent(same::add);
    }
    return same;
  }

  private static List<JsonNode> schemasForParts(JsonNode schema) {
    return findSubschemas(schema, PART_KEYWORDS, PART_LIST_KEYWORDS, PART_OBJECT_KEYWORDS);
  }

  private static List<JsonNode> findSubschemas(
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
  private JsonNode resolve(String reference) {
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
