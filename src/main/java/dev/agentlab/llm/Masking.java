package dev.agentlab.llm;

import dev.agentlab.secrets.Secret;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Turns the secrets within options into [Secret]s: what the kind declares as one, what else a name
/// suggests, and of an unknown kind everything.
final class Masking {
  private Masking() {}

  static ObjectNode options(JsonNode options, Optional<ProviderKind> kind) {
    ObjectNode masked = JsonNodeFactory.instance.objectNode();
    options.forEachEntry((name, value) -> masked.set(name, mask(value, isSecret(name, kind))));
    return masked;
  }

  static boolean isSecret(String option, Optional<ProviderKind> kind) {
    return kind.isEmpty()
        || kind.get()
            .option(option)
            .map(declared -> declared.type() == Option.Type.SECRET)
            .orElseGet(() -> SecretNames.suggests(option));
  }

  /// Whether a masked value holds a secret, itself or at any depth.
  static boolean holdsSecret(JsonNode masked) {
    return masked.isPojo() || masked.valueStream().anyMatch(Masking::holdsSecret);
  }

  private static JsonNode mask(JsonNode value, boolean secret) {
    return switch (value) {
      case ObjectNode object -> {
        ObjectNode masked = JsonNodeFactory.instance.objectNode();
        object.forEachEntry(
            (name, member) -> masked.set(name, mask(member, secret || SecretNames.suggests(name))));
        yield masked;
      }
      case ArrayNode array -> {
        ArrayNode masked = JsonNodeFactory.instance.arrayNode();
        array.forEach(element -> masked.add(mask(element, secret)));
        yield masked;
      }
      default ->
          secret && (value.isNumber() || (value.isString() && !value.asString().isEmpty()))
              ? JsonNodeFactory.instance.pojoNode(Secret.of(value.asString()))
              : value;
    };
  }
}
