package dev.agentlab.kinds;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Replaces each secret in a stored configuration, at any depth. All other values stay unchanged.
final class SecretLeaves {
  private final Optional<ProviderKind> kind;
  private final Change change;

  /// A function that replaces a secret.
  @FunctionalInterface
  interface Change {
    /// The replacement of one secret.
    ///
    /// @param field the path in the configuration, as a JSON pointer (RFC 6901)
    /// @param leaf a plaintext string or number, or a [SealedSecret] in its stored form
    JsonNode apply(String field, JsonNode leaf);
  }

  SecretLeaves(Optional<ProviderKind> kind, Change mapper) {
    this.kind = kind;
    this.change = mapper;
  }

  JsonNode in(JsonNode config) {
    if (!(config instanceof ObjectNode members)) {
      return config;
    }
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    members.forEachEntry((name, value) -> {
      String field = "/" + escaped(name);
      changed.set(
          name,
          switch (name) {
            case "name" -> value;
            case "base_url" -> in(value, field, MaskedUrl.hidesSecret(value));
            case "options" -> options(value, field);
            default -> in(value, field, kind.isEmpty() || SecretMasking.isSecretByName(name, kind));
          });
    });
    return changed;
  }

  private JsonNode options(JsonNode value, String field) {
    if (!(value instanceof ObjectNode options)) {
      return in(value, field, true);
    }
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    options.forEachEntry((name, option) ->
        changed.set(
            name,
            SecretMasking.reference(name, option, kind).isPresent()
                ? option
                : in(option, field + "/" + escaped(name), SecretMasking.isSecret(name, kind))));
    return changed;
  }

  private JsonNode in(JsonNode value, String field, boolean secret) {
    if (SealedSecret.of(value).isPresent()) {
      return change.apply(field, value);
    }
    return switch (value) {
      case ObjectNode object -> {
        ObjectNode changed = JsonNodeFactory.instance.objectNode();
        object.forEachEntry((name, member) ->
            changed.set(
                name,
                in(
                    member,
                    field + "/" + escaped(name),
                    secret || SecretMasking.isSecretByName(name, kind))));
        yield changed;
      }
      case ArrayNode array -> {
        ArrayNode changed = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < array.size(); i++) {
          changed.add(in(array.get(i), field + "/" + i, secret));
        }
        yield changed;
      }
      default -> secret && SecretMasking.isSet(value) ? change.apply(field, value) : value;
    };
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
