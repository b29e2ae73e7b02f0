package dev.agentlab.kinds;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Replaces each secret in a stored configuration, at any depth. All other values stay unchanged.
final class SecretLeaves {
  private final Optional<ProviderKind> kind;
  private final SecretMapper mapper;

  /// A function that replaces a secret.
  @FunctionalInterface
  interface SecretMapper {
    /// The replacement of one secret.
    ///
    /// @param field the path in the configuration, as a JSON pointer (RFC 6901)
    /// @param leaf a plaintext string or number, or a [SealedSecret] in its stored form
    JsonNode apply(String field, JsonNode leaf);
  }

  SecretLeaves(Optional<ProviderKind> kind, SecretMapper mapper) {
    this.kind = kind;
    this.mapper = mapper;
  }

  JsonNode map(JsonNode config) {
    if (!(config instanceof ObjectNode members)) {
      return config;
    }
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    members.forEachEntry((name, value) -> {
      String field = "/" + escapePointer(name);
      changed.set(
          name,
          switch (name) {
            case "name" -> value;
            case "base_url" -> map(value, field, MaskedUrl.mayContainSecret(value));
            case "options" -> mapOptions(value, field);
            default ->
                map(value, field, kind.isEmpty() || SecretMasking.isSecretByName(name, kind));
          });
    });
    return changed;
  }

  private JsonNode mapOptions(JsonNode value, String field) {
    if (!(value instanceof ObjectNode options)) {
      return map(value, field, true);
    }
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    options.forEachEntry((name, option) ->
        changed.set(
            name,
            SecretMasking.findReference(name, option, kind).isPresent()
                ? option
                : map(
                    option,
                    field + "/" + escapePointer(name),
                    SecretMasking.isSecret(name, kind))));
    return changed;
  }

  private JsonNode map(JsonNode value, String field, boolean secret) {
    if (SealedSecret.parse(value).isPresent()) {
      return mapper.apply(field, value);
    }
    return switch (value) {
      case ObjectNode object -> {
        ObjectNode changed = JsonNodeFactory.instance.objectNode();
        object.forEachEntry((name, member) ->
            changed.set(
                name,
                map(
                    member,
                    field + "/" + escapePointer(name),
                    secret || SecretMasking.isSecretByName(name, kind))));
        yield changed;
      }
      case ArrayNode array -> {
        ArrayNode changed = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < array.size(); i++) {
          changed.add(map(array.get(i), field + "/" + i, secret));
        }
        yield changed;
      }
      default ->
          secret && SecretMasking.isNonEmptyScalar(value) ? mapper.apply(field, value) : value;
    };
  }

  private static String escapePointer(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
