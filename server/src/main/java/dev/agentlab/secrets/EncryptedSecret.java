package dev.agentlab.secrets;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An encrypted secret in its stored form, with the metadata that may be shown, so that showing it
/// needs no decryption. Its JSON form contains only the metadata.
///
/// @param sealed the ciphertext, encrypted with the data key of the row
/// @param hint the hint of [Secret#hint]
/// @param updatedAt when the secret was set, as an RFC 3339 timestamp
public record EncryptedSecret(String sealed, String hint, String updatedAt) {
  /// The start of every ciphertext, which is its version.
  public static final String CIPHERTEXT_PREFIX = "v1.";

  private static final int MEMBER_COUNT = 3;

  /// Parses a stored value; empty if it is not an encrypted secret.
  public static Optional<EncryptedSecret> parse(JsonNode stored) {
    if (!(stored instanceof ObjectNode object)
        || object.size() != MEMBER_COUNT
        || !looksSealed(object)) {
      return Optional.empty();
    }
    return object.path("hint").isString() && object.path("updated_at").isString()
        ? Optional.of(
            new EncryptedSecret(
                object.path("sealed").stringValue(),
                object.path("hint").stringValue(),
                object.path("updated_at").stringValue()))
        : Optional.empty();
  }

  /// Whether a value in a request could be read as an encrypted secret, now or after some of its
  /// members are removed.
  public static boolean looksSealed(JsonNode value) {
    return value.path("sealed").stringValue("").startsWith(CIPHERTEXT_PREFIX);
  }

  /// The stored form.
  public ObjectNode toStoredJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("sealed", sealed)
        .put("hint", hint)
        .put("updated_at", updatedAt);
  }

  /// The masked form, for responses.
  @JsonValue
  public ObjectNode toMaskedJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("set", true)
        .put("hint", hint)
        .put("updated_at", updatedAt);
  }
}
