package dev.agentlab.jsonschema;

import dev.agentlab.net.PercentEncoding;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Limits the size of a schema, also in its compiled form, before it is compiled.
final class SchemaSize {
  private static final int MAX_LENGTH = 1 << 18;
  private static final int MAX_VALUES = 5_000;

  /// Values after each distinct reference is expanded once: the validator compiles the target of a
  /// reference again for each spelling of the reference.
  private static final int MAX_EXPANDED_VALUES = 30_000;

  private static final List<String> REFERENCE_KEYWORDS =
      List.of("$ref", "$dynamicRef", "$recursiveRef");

  private final JsonNode root;
  private final Set<String> references = new HashSet<>();
  private int resourceCount = 1;

  private SchemaSize(JsonNode root) {
    this.root = root;
  }

  /// @throws InvalidSchemaException if the schema is too large
  static void validate(JsonNode schema) {
    if (schema.toString().length() > MAX_LENGTH) {
      throw new InvalidSchemaException("must be at most %d characters long".formatted(MAX_LENGTH));
    }
    int values = countValues(schema);
    if (values > MAX_VALUES) {
      throw new InvalidSchemaException("must have at most %d values".formatted(MAX_VALUES));
    }
    if (values + new SchemaSize(schema).countReferencedValues(values) > MAX_EXPANDED_VALUES) {
      throw new InvalidSchemaException(
          "must have at most %d values with all references expanded"
              .formatted(MAX_EXPANDED_VALUES));
    }
  }

  private static int countValues(JsonNode value) {
    int count = 1;
    for (JsonNode part : value.values()) {
      count += countValues(part);
    }
    return count;
  }

  private long countReferencedValues(int allValues) {
    collectReferences(root);
    long count = 0;
    for (String reference : references) {
      boolean pointer = reference.startsWith("#/") && resourceCount == 1;
      count += pointer ? countValues(resolve(reference)) : (long) allValues * resourceCount;
    }
    return count;
  }

  @SuppressWarnings("ReferenceEquality") // Only the root itself is meant, not an equal value.
  private void collectReferences(JsonNode value) {
    if (value != root && value.path("$id").isString()) {
      resourceCount++;
    }
    for (String keyword : REFERENCE_KEYWORDS) {
      value.path(keyword).stringValueOpt().filter(it -> !it.equals("#")).ifPresent(references::add);
    }
    value.values().forEach(this::collectReferences);
  }

  /// Resolves a JSON pointer within the schema; a missing node if it cannot be resolved.
  private JsonNode resolve(String reference) {
    try {
      return root.at(PercentEncoding.decode(reference.substring(1)));
    } catch (IllegalArgumentException e) {
      return JsonNodeFactory.instance.missingNode();
    }
  }
}
