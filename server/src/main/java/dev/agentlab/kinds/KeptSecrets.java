package dev.agentlab.kinds;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.secrets.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.POJONode;

/// The secrets of a stored configuration that its replacement keeps: those that it omits, or sends
/// in the masked form of [ProviderConfig#toMaskedJson]. Secrets within a list are kept only with
/// the entire list.
final class KeptSecrets {
  private static final Set<String> MASKED_MEMBERS =
      Set.of("set", "hint", "updated_at", "env", "file");

  private final JsonNode stored;

  /// The stored configuration with each secret as a POJO node that contains its masked form, which
  /// distinguishes secrets from other values.
  private final JsonNode marked;

  private final List<String> keptFields = new ArrayList<>();

  KeptSecrets(ProviderConfig stored) {
    this.stored = stored.stored();
    marked =
        stored
            .mapSecrets((_, secret) ->
                JsonNodeFactory.instance.pojoNode(
                    SecretClassifier.mask(secret, Secret::toMaskedJson)))
            .stored();
  }

  /// Whether the value is a masked secret, which must never be stored as the secret.
  static boolean isMaskedSecret(JsonNode value) {
    return value.path("set").isBoolean()
        && value.propertyNames().stream().allMatch(MASKED_MEMBERS::contains);
  }

  /// Removes each stored secret that a member of the replacement has in masked form, so that it is
  /// kept like an omitted one.
  ///
  /// @param member `options` or `model`
  void removeMasked(String member, ObjectNode given) {
    removeMasked(marked.path(member), given);
  }

  /// Adds each stored secret that a member of the replacement omits.
  ///
  /// @param path the path of the member in the request
  void addOmitted(String member, ObjectNode given, String path) {
    addOmitted(marked.path(member), stored.path(member), given, path);
  }

  /// The fields of all secrets that were added, such as `config.options.token`.
  List<String> keptFields() {
    return List.copyOf(keptFields);
  }

  private static void removeMasked(JsonNode marked, ObjectNode given) {
    marked.forEachEntry((name, secret) -> {
      JsonNode value = given.path(name);
      if (!containsSecret(secret)) {
        return;
      }
      if (matchesMasked(secret, value)) {
        given.remove(name);
      } else if (secret.isObject() && value instanceof ObjectNode inner) {
        removeMasked(secret, inner);
      }
    });
  }

  private void addOmitted(JsonNode marked, JsonNode stored, ObjectNode given, String path) {
    marked.forEachEntry((name, secret) -> {
      String field = path + "." + Excerpt.of(name);
      if (!containsSecret(secret)) {
        return;
      }
      if (secret.isObject() && given.path(name).isMissingNode()) {
        given.putObject(name);
      }
      if (secret.isObject() && given.get(name) instanceof ObjectNode inner) {
        addOmitted(secret, stored.path(name), inner, field);
      } else if (given.path(name).isMissingNode()) {
        given.set(name, stored.path(name));
        keptFields.add(field);
      }
    });
  }

  private static boolean containsSecret(JsonNode marked) {
    return marked.isPojo() || marked.valueStream().anyMatch(KeptSecrets::containsSecret);
  }

  /// Whether the value is the secret in masked form. The hint and the time may be those of an
  /// earlier read; a reference must be unchanged.
  private static boolean matchesMasked(JsonNode secret, JsonNode value) {
    return secret instanceof POJONode node
        ? matchesMasked(node, value)
        : secret.isArray() && matchesMaskedExactly(secret, value);
  }

  private static boolean matchesMasked(POJONode secret, JsonNode value) {
    JsonNode masked = (JsonNode) secret.getPojo();
    return isMaskedSecret(value)
        && value.path("set").booleanValue()
        && value.path("env").equals(masked.path("env"))
        && value.path("file").equals(masked.path("file"));
  }

  /// Whether the value equals the masked form. Within a list, the hint must be equal too, because
  /// it identifies the secret.
  private static boolean matchesMaskedExactly(JsonNode secret, JsonNode value) {
    if (secret instanceof POJONode node) {
      return matchesMasked(node, value)
          && value.path("hint").equals(((JsonNode) node.getPojo()).path("hint"));
    }
    if (!secret.isContainer()) {
      return secret.equals(value);
    }
    return secret.getNodeType() == value.getNodeType()
        && secret.size() == value.size()
        && (secret.isArray()
            ? IntStream.range(0, secret.size())
                .allMatch(at -> matchesMaskedExactly(secret.path(at), value.path(at)))
            : secret
                .propertyStream()
                .allMatch(it -> matchesMaskedExactly(it.getValue(), value.path(it.getKey()))));
  }
}
