package dev.agentlab.kinds;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Puts something in the place of each secret within a stored configuration, wherever it stands;
/// what is no secret stays as it is.
final class SecretLeaves {
  private final Optional<ProviderKind> kind;
  private final Change change;

  /// What takes the place of a secret.
  @FunctionalInterface
  interface Change {
    /// What takes the place of one.
    ///
    /// @param field where it stands in the configuration, as a JSON pointer (RFC 6901)
    /// @param leaf a text or number that is in the open, or a [SealedSecret] as it is stored
    JsonNode apply(String field, JsonNode leaf);
  }

  SecretLeaves(Optional<ProviderKind> kind, Change change) {
    this.kind = kind;
    this.change = change;
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
            default -> in(value, field, kind.isEmpty() || SecretNames.suggests(name));
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
                in(member, field + "/" + escaped(name), secret || SecretNames.suggests(name))));
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
