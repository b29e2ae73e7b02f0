package dev.agentlab.kinds;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.vault.RowCipher;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An encrypted secret in its stored form, with the metadata that may be shown, so that showing it
/// needs no decryption. Its JSON form contains only the metadata.
///
/// @param sealed the ciphertext, encrypted with the data key of the row
/// @param hint the hint of [dev.agentlab.secrets.Secret#hint]
/// @param updatedAt when the secret was set, as an RFC 3339 timestamp
record SealedSecret(String sealed, String hint, String updatedAt) {
  private static final int MEMBER_COUNT = 3;

  /// Parses a stored value; empty if it is not an encrypted secret.
  static Optional<SealedSecret> parse(JsonNode stored) {
    if (!(stored instanceof ObjectNode object)
        || object.size() != MEMBER_COUNT
        || !looksSealed(object)) {
      return Optional.empty();
    }
    return object.path("hint").isString() && object.path("updated_at").isString()
        ? Optional.of(
            new SealedSecret(
                object.path("sealed").stringValue(),
                object.path("hint").stringValue(),
                object.path("updated_at").stringValue()))
        : Optional.empty();
  }

  /// Whether a value in a request could be read as an encrypted secret, now or after some of its
  /// members are removed.
  static boolean looksSealed(JsonNode value) {
    return RowCipher.isCiphertext(value.path("sealed").stringValue(""));
  }

  /// The stored form.
  ObjectNode toStoredJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("sealed", sealed)
        .put("hint", hint)
        .put("updated_at", updatedAt);
  }

  @JsonValue
  ObjectNode toMaskedJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("set", true)
        .put("hint", hint)
        .put("updated_at", updatedAt);
  }
}
