package dev.agentlab.vault;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.MaskedUrl;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.secrets.EncryptedSecret;
import dev.agentlab.secrets.Secret;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/// Encrypts and decrypts the secrets in the configurations of one row. Each secret is bound to its
/// field and to its [destination][ProviderConfig#destination].
record ConfigCipher(RowCipher rowCipher) {
  private static final String BASE_URL_POINTER = "/base_url";

  /// The configuration with plaintext secrets.
  ///
  /// @throws UnreadableSecretException if a secret cannot be decrypted
  ProviderConfig decrypt(ProviderConfig config) {
    return decrypt(
        config,
        (field, _) -> {
          throw new UnreadableSecretException(
              "the secret %s cannot be decrypted: it or its destination was changed in the database"
                      .formatted(Excerpt.of(field.substring(1).replace('/', '.')))
                  + ", or it comes from another row; set it again");
        });
  }

  /// The configuration with every secret decrypted that can be decrypted.
  ProviderConfig decryptWherePossible(ProviderConfig config) {
    return decrypt(config, (_, sealed) -> sealed);
  }

  private ProviderConfig decrypt(
      ProviderConfig config, BiFunction<String, JsonNode, JsonNode> fallback) {
    String destination = destination(config);
    return config.mapSecrets((field, leaf) ->
        EncryptedSecret.parse(leaf).isEmpty()
            ? leaf
            : decrypt(field, destination, leaf).orElseGet(() -> fallback.apply(field, leaf)));
  }

  private Optional<JsonNode> decrypt(String field, String destination, JsonNode leaf) {
    return EncryptedSecret.parse(leaf)
        .flatMap(it -> rowCipher.decrypt(context(field, destination), it.sealed()))
        .map(Json.MAPPER::readTree);
  }

  /// The configuration with encrypted secrets.
  ///
  /// @param before stored configurations of the same row. A secret with the same plaintext and the
  ///   same destination as in one of them keeps the stored form of the first match.
  /// @param at the `updated_at` of all other secrets
  ProviderConfig encrypt(ProviderConfig config, List<ProviderConfig> before, Instant at) {
    String destination = destination(config);
    List<ProviderConfig> sameDestination =
        before.stream().filter(it -> destination(it).equals(destination)).toList();
    return config.mapSecrets((field, leaf) ->
        leaf.isValueNode()
            ? sameDestination.stream()
                .map(it -> it.at(field))
                .filter(stored ->
                    decrypt(field, destination, stored)
                        .filter(it -> isEqualText(it, leaf))
                        .isPresent())
                .findFirst()
                .orElseGet(() -> encrypt(field, destination, leaf, at))
            : leaf);
  }

  /// The destination of a configuration's secrets. The base URL may be an encrypted secret itself.
  private String destination(ProviderConfig config) {
    ProviderConfig plaintextUrl =
        EncryptedSecret.parse(config.at(BASE_URL_POINTER)).isEmpty()
            ? config
            : config.mapSecrets((field, leaf) ->
                field.equals(BASE_URL_POINTER) ? decrypt(field, "", leaf).orElse(leaf) : leaf);
    return plaintextUrl.destination();
  }

  /// The context that a secret is bound to. The base URL needs no destination: it is the
  /// destination.
  private static String context(String field, String destination) {
    return field.equals(BASE_URL_POINTER) ? field : field + " " + destination;
  }

  // Compared as text because equal numbers may have different node types.
  private static boolean isEqualText(JsonNode left, JsonNode right) {
    return left.toString().equals(right.toString());
  }

  private JsonNode encrypt(String field, String destination, JsonNode leaf, Instant at) {
    String text = leaf.asString();
    String hint = field.equals(BASE_URL_POINTER) ? MaskedUrl.of(text) : Secret.of(text).hint();
    return new EncryptedSecret(
            rowCipher.encrypt(context(field, destination), leaf.toString()),
            hint,
            at.truncatedTo(ChronoUnit.MICROS).toString())
        .toStoredJson();
  }
}
