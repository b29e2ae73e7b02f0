package dev.agentlab.kinds;

import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.SecretReference;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Wraps the secrets in options as [Secret], as [SealedSecret] if they are encrypted, or as
/// [SecretReference]. Secrets are the options that the kind declares as secret, those with a name
/// that suggests a secret, and all options of an unknown kind.
final class SecretMasking {
  private SecretMasking() {}

  static ObjectNode maskOptions(JsonNode options, Optional<ProviderKind> kind) {
    ObjectNode masked = JsonNodeFactory.instance.objectNode();
    options.forEachEntry((name, value) ->
        masked.set(
            name,
            findReference(name, value, kind)
                .<JsonNode>map(JsonNodeFactory.instance::pojoNode)
                .orElseGet(() -> mask(value, isSecret(name, kind), kind))));
    return masked;
  }

  /// The reference in an option that the kind declares as secret; empty if there is none.
  static Optional<SecretReference> findReference(
      String option, JsonNode value, Optional<ProviderKind> kind) {
    return value.isObject()
            && kind.flatMap(it -> it.option(option))
                .filter(it -> it.type() == Option.Type.SECRET)
                .isPresent()
        ? SecretReference.parse(value)
        : Optional.empty();
  }

  static boolean isSecret(String option, Optional<ProviderKind> kind) {
    return kind.isEmpty()
        || kind.get()
            .option(option)
            .map(declared -> declared.type() == Option.Type.SECRET)
            .orElseGet(() -> isSecretByName(option, kind));
  }

  /// Whether an undeclared name, of an option or at any depth, suggests a secret. All code that
  /// looks for secrets in a configuration uses this method.
  static boolean isSecretByName(String name, Optional<ProviderKind> kind) {
    return SecretNames.suggestsSecret(
        name, kind.stream().flatMap(ProviderKind::secrets).map(Option::name).toList());
  }

  /// Whether a masked value is a secret or contains one at any depth.
  static boolean containsSecret(JsonNode masked) {
    return masked.isPojo() || masked.valueStream().anyMatch(SecretMasking::containsSecret);
  }

  /// Whether a value is a number or a non-empty string.
  static boolean isNonEmptyScalar(JsonNode value) {
    return value.isNumber() || (value.isString() && !value.asString().isEmpty());
  }

  /// Masks a value: all of it if it is secret, otherwise the members whose names suggest a secret.
  static JsonNode mask(JsonNode value, boolean secret, Optional<ProviderKind> kind) {
    Optional<SealedSecret> sealed = SealedSecret.parse(value);
    if (sealed.isPresent()) {
      return JsonNodeFactory.instance.pojoNode(sealed.get());
    }
    return switch (value) {
      case ObjectNode object -> {
        ObjectNode masked = JsonNodeFactory.instance.objectNode();
        object.forEachEntry((name, member) ->
            masked.set(name, mask(member, secret || isSecretByName(name, kind), kind)));
        yield masked;
      }
      case ArrayNode array -> {
        ArrayNode masked = JsonNodeFactory.instance.arrayNode();
        array.forEach(element -> masked.add(mask(element, secret, kind)));
        yield masked;
      }
      default ->
          secret && isNonEmptyScalar(value)
              ? JsonNodeFactory.instance.pojoNode(Secret.of(value.asString()))
              : value;
    };
  }
}
