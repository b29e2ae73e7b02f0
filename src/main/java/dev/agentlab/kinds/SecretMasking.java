package dev.agentlab.kinds;

import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.SecretReference;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Turns the secrets within options into [Secret]s, or [SealedSecret]s where they are sealed, and
/// what stands for one into a [SecretReference]: what the kind declares as one, what else a name
/// suggests, and of an unknown kind everything.
final class SecretMasking {
  private SecretMasking() {}

  static ObjectNode options(JsonNode options, Optional<ProviderKind> kind) {
    ObjectNode masked = JsonNodeFactory.instance.objectNode();
    options.forEachEntry((name, value) ->
        masked.set(
            name,
            reference(name, value, kind)
                .<JsonNode>map(JsonNodeFactory.instance::pojoNode)
                .orElseGet(() -> mask(value, isSecret(name, kind)))));
    return masked;
  }

  /// What an option that the kind declares as a secret refers to; empty if it does not.
  static Optional<SecretReference> reference(
      String option, JsonNode value, Optional<ProviderKind> kind) {
    return value.isObject()
            && kind.flatMap(it -> it.option(option))
                .filter(it -> it.type() == Option.Type.SECRET)
                .isPresent()
        ? SecretReference.of(value)
        : Optional.empty();
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
    return masked.isPojo() || masked.valueStream().anyMatch(SecretMasking::holdsSecret);
  }

  /// Whether a value within a secret is one.
  static boolean isSet(JsonNode value) {
    return value.isNumber() || (value.isString() && !value.asString().isEmpty());
  }

  /// A value that is a secret wherever it is text, or where a name within it suggests one.
  static JsonNode mask(JsonNode value, boolean secret) {
    Optional<SealedSecret> sealed = SealedSecret.of(value);
    if (sealed.isPresent()) {
      return JsonNodeFactory.instance.pojoNode(sealed.get());
    }
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
          secret && isSet(value)
              ? JsonNodeFactory.instance.pojoNode(Secret.of(value.asString()))
              : value;
    };
  }
}
