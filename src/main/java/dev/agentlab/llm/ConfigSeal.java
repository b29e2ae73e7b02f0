package dev.agentlab.llm;

import dev.agentlab.errors.Brief;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.json.Json;
import dev.agentlab.secrets.Secret;
import dev.agentlab.vault.RowKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/// Seals and opens the secrets within the configurations of one row.
record ConfigSeal(RowKey key) {

  /// A configuration with its secrets in the open.
  ///
  /// @throws UnreadableSecretException if one cannot be opened
  ProviderConfig opened(ProviderConfig config) {
    return opened(
        config,
        (field, _) -> {
          throw new UnreadableSecretException(
              "the secret %s cannot be opened: it was changed where it is stored, or comes from"
                      .formatted(Brief.of(field.substring(1).replace('/', '.')))
                  + " another row; give it again");
        });
  }

  /// A configuration with those secrets in the open that can be opened.
  ProviderConfig openedWherePossible(ProviderConfig config) {
    return opened(config, (_, sealed) -> sealed);
  }

  private ProviderConfig opened(
      ProviderConfig config, BiFunction<String, JsonNode, JsonNode> otherwise) {
    return config.changed((field, leaf) ->
        SealedSecret.of(leaf).isEmpty()
            ? leaf
            : opened(field, leaf).orElseGet(() -> otherwise.apply(field, leaf)));
  }

  private Optional<JsonNode> opened(String field, JsonNode leaf) {
    return SealedSecret.of(leaf)
        .flatMap(it -> key.open(field, it.sealed()))
        .map(Json.MAPPER::readTree);
  }

  /// A configuration with its secrets sealed.
  ///
  /// @param before stored configurations of the same row: a secret that is the same as in one of
  ///   them stays as it is sealed there, in the first such
  /// @param at when the others were given
  ProviderConfig sealed(ProviderConfig config, List<ProviderConfig> before, Instant at) {
    return config.changed((field, leaf) ->
        leaf.isValueNode()
            ? before.stream()
                .map(it -> it.at(field))
                .filter(old -> opened(field, old).filter(it -> isSame(it, leaf)).isPresent())
                .findFirst()
                .orElseGet(() -> sealed(field, leaf, at))
            : leaf);
  }

  /// As text: equal numbers may be of different types.
  private static boolean isSame(JsonNode one, JsonNode other) {
    return one.toString().equals(other.toString());
  }

  private JsonNode sealed(String field, JsonNode leaf, Instant at) {
    String text = leaf.asString();
    String hint = ShownUrl.hidesSecret(leaf) ? ShownUrl.of(text) : Secret.of(text).hint();
    return new SealedSecret(
            key.seal(field, leaf.toString()), hint, at.truncatedTo(ChronoUnit.MICROS).toString())
        .stored();
  }
}
