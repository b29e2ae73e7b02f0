package dev.agentlab.kinds;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.vault.RowCipher;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A secret as it is stored: sealed, and beside it what everyone may see, so that showing it opens
/// nothing. As JSON it is the latter alone.
///
/// @param sealed what only the row's key opens
/// @param hint as [dev.agentlab.secrets.Secret#hint] has it
/// @param updatedAt when it was given, as RFC 3339 has it
record SealedSecret(String sealed, String hint, String updatedAt) {
  private static final int MEMBERS = 3;

  /// The sealed secret that a stored value is; empty if it is none.
  static Optional<SealedSecret> of(JsonNode stored) {
    if (!(stored instanceof ObjectNode object) || object.size() != MEMBERS || !isLike(object)) {
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

  /// Whether a caller's value could be taken for one, now or after a part of it is left out.
  static boolean isLike(JsonNode value) {
    return RowCipher.isSealed(value.path("sealed").stringValue(""));
  }

  /// As it is stored.
  ObjectNode stored() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("sealed", sealed)
        .put("hint", hint)
        .put("updated_at", updatedAt);
  }

  @JsonValue
  ObjectNode shown() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("set", true)
        .put("hint", hint)
        .put("updated_at", updatedAt);
  }
}
