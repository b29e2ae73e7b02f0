package dev.agentlab.kinds;

import dev.agentlab.secrets.EncryptedSecret;
import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.SecretNameHeuristic;
import dev.agentlab.secrets.SecretReference;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The rule which values of a stored configuration are secrets: the options that the kind declares
/// as secret, and at any depth each value whose name suggests a secret; of an unknown kind every
/// value, and a base URL that contains credentials. All code that looks for secrets in a
/// configuration uses this class.
final class SecretClassifier {
  private final Optional<ProviderKind> kind;

  /// @param kind empty for an unknown kind
  SecretClassifier(Optional<ProviderKind> kind) {
    this.kind = kind;
  }

  /// A copy of a configuration with each secret replaced. All other values stay unchanged.
  ///
  /// @param mapper creates the replacement of a secret. It gets the secret's path, a JSON pointer
  ///   (RFC 6901), and the stored secret: a non-empty string or a number for plaintext, the stored
  ///   form of an [EncryptedSecret], or a [SecretReference]
  JsonNode map(JsonNode config, BiFunction<String, JsonNode, JsonNode> mapper) {
    return config instanceof ObjectNode members ? new Traversal(mapper).config(members) : config;
  }

  /// The masked form of a stored secret.
  ///
  /// @param plaintextForm creates the masked form of a plaintext secret
  static JsonNode mask(JsonNode secret, Function<Secret, ? extends JsonNode> plaintextForm) {
    return EncryptedSecret.parse(secret)
        .<JsonNode>map(EncryptedSecret::toMaskedJson)
        .or(() -> SecretReference.parse(secret).map(SecretReference::toMaskedJson))
        .orElseGet(() -> plaintextForm.apply(Secret.of(secret.asString())));
  }

  /// The reference in an option that the kind declares as secret; empty if there is none.
  Optional<SecretReference> findReference(String option, JsonNode value) {
    return value.isObject()
            && kind.flatMap(it -> it.option(option))
                .filter(it -> it.type() == Option.Type.SECRET)
                .isPresent()
        ? SecretReference.parse(value)
        : Optional.empty();
  }

  /// Whether an option is a secret.
  boolean isSecretOption(String name) {
    return kind.isEmpty()
        || kind.get()
            .option(name)
            .map(declared -> declared.type() == Option.Type.SECRET)
            .orElseGet(() -> isSecretName(name));
  }

  /// Whether the name of an undeclared option, or of a member at any depth, suggests a secret.
  boolean isSecretName(String name) {
    return SecretNameHeuristic.suggestsSecret(
        name, kind.stream().flatMap(ProviderKind::secrets).map(Option::name).toList());
  }

  private final class Traversal {
    private final BiFunction<String, JsonNode, JsonNode> mapper;

    private interface MemberMapper {
      JsonNode map(String name, JsonNode value, String field);
    }

    Traversal(BiFunction<String, JsonNode, JsonNode> mapper) {
      this.mapper = mapper;
    }

    ObjectNode config(ObjectNode config) {
      return members(
          config,
          "",
          (name, value, field) ->
              switch (name) {
                case "name" -> value;
                case "base_url" -> value(value, field, MaskedUrl.mayContainSecret(value));
                case "options" ->
                    value instanceof ObjectNode options
                        ? members(options, field, this::option)
                        : value(value, field, true);
                default -> value(value, field, kind.isEmpty() || isSecretName(name));
              });
    }

    private JsonNode option(String name, JsonNode value, String field) {
      return findReference(name, value).isPresent()
          ? mapper.apply(field, value)
          : value(value, field, isSecretOption(name));
    }

    /// @param secret whether the entire value is secret
    private JsonNode value(JsonNode value, String field, boolean secret) {
      if (EncryptedSecret.parse(value).isPresent()) {
        return mapper.apply(field, value);
      }
      return switch (value) {
        case ObjectNode object ->
            members(
                object,
                field,
                (name, member, path) -> value(member, path, secret || isSecretName(name)));
        case ArrayNode array -> {
          ArrayNode mapped = JsonNodeFactory.instance.arrayNode();
          for (int i = 0; i < array.size(); i++) {
            mapped.add(value(array.get(i), field + "/" + i, secret));
          }
          yield mapped;
        }
        default -> secret && isNonEmptyScalar(value) ? mapper.apply(field, value) : value;
      };
    }

    private static ObjectNode members(ObjectNode object, String field, MemberMapper mapper) {
      ObjectNode mapped = JsonNodeFactory.instance.objectNode();
      object.forEachEntry((name, value) ->
          mapped.set(
              name,
              mapper.map(name, value, field + "/" + name.replace("~", "~0").replace("/", "~1"))));
      return mapped;
    }

    private static boolean isNonEmptyScalar(JsonNode value) {
      return value.isNumber() || (value.isString() && !value.asString().isEmpty());
    }
  }
}
