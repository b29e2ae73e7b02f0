package dev.agentlab.kinds;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.json.Json;
import dev.agentlab.secrets.Secret;
import dev.agentlab.vault.RowCipher;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/// Seals and opens the secrets within the configurations of one row, each for its field and for the
/// [Destination] it may be sent to.
record ConfigCipher(RowCipher key) {
  private static final String ADDRESS = "/base_url";

  /// A configuration with its secrets in the open.
  ///
  /// @throws UnreadableSecretException if one cannot be opened
  ProviderConfig opened(ProviderConfig config) {
    return opened(
        config,
        (field, _) -> {
          throw new UnreadableSecretException(
              "the secret %s cannot be opened: it, or where it is sent, was changed in the database,"
                      .formatted(Excerpt.of(field.substring(1).replace('/', '.')))
                  + " or it comes from another row; give it again");
        });
  }

  /// A configuration with those secrets in the open that can be opened.
  ProviderConfig openedWherePossible(ProviderConfig config) {
    return opened(config, (_, sealed) -> sealed);
  }

  private ProviderConfig opened(
      ProviderConfig config, BiFunction<String, JsonNode, JsonNode> otherwise) {
    String destination = destination(config);
    return config.changed((field, leaf) ->
        SealedSecret.of(leaf).isEmpty()
            ? leaf
            : opened(field, destination, leaf).orElseGet(() -> otherwise.apply(field, leaf)));
  }

  private Optional<JsonNode> opened(String field, String destination, JsonNode leaf) {
    return SealedSecret.of(leaf)
        .flatMap(it -> key.open(bound(field, destination), it.sealed()))
        .map(Json.MAPPER::readTree);
  }

  /// A configuration with its secrets sealed.
  ///
  /// @param before stored configurations of the same row: a secret that is the same as in one of
  ///   them, and goes to the same place, stays as it is sealed there, in the first such
  /// @param at when the others were given
  ProviderConfig sealed(ProviderConfig config, List<ProviderConfig> before, Instant at) {
    String destination = destination(config);
    List<ProviderConfig> alike =
        before.stream().filter(it -> destination(it).equals(destination)).toList();
    return config.changed((field, leaf) ->
        leaf.isValueNode()
            ? alike.stream()
                .map(it -> it.at(field))
                .filter(old ->
                    opened(field, destination, old).filter(it -> isSame(it, leaf)).isPresent())
                .findFirst()
                .orElseGet(() -> sealed(field, destination, leaf, at))
            : leaf);
  }

  /// Where the secrets of a configuration go. The address may be one itself.
  private String destination(ProviderConfig config) {
    return Destination.of(
        SealedSecret.of(config.at(ADDRESS)).isEmpty()
            ? config
            : config.changed((field, leaf) ->
                field.equals(ADDRESS) ? opened(field, "", leaf).orElse(leaf) : leaf));
  }

  /// What the secret in a field is bound to. The address says itself where it leads.
  private static String bound(String field, String destination) {
    return field.equals(ADDRESS) ? field : field + " " + destination;
  }

  /// As text: equal numbers may be of different types.
  private static boolean isSame(JsonNode one, JsonNode other) {
    return one.toString().equals(other.toString());
  }

  private JsonNode sealed(String field, String destination, JsonNode leaf, Instant at) {
    String text = leaf.asString();
    String hint = field.equals(ADDRESS) ? MaskedUrl.of(text) : Secret.of(text).hint();
    return new SealedSecret(
            key.seal(bound(field, destination), leaf.toString()),
            hint,
            at.truncatedTo(ChronoUnit.MICROS).toString())
        .stored();
  }
}
