package dev.agentlab.secrets;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A secret value. Its string form is `***`; its JSON form is `{"set": true, "hint": "…1234"}`.
/// Immutable.
public final class Secret {
  /// Shorter values have no hint, because four characters would reveal too much of them.
  private static final int MIN_LENGTH_FOR_HINT = 12;

  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /// Creates a secret from its plaintext, a string in JSON.
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Secret of(String value) {
    return new Secret(Objects.requireNonNull(value));
  }

  /// The plaintext. To be called only to encrypt, compare or send the secret.
  public String reveal() {
    return value;
  }

  /// Whether the value is empty.
  public boolean isEmpty() {
    return value.isEmpty();
  }

  /// A hint to identify the secret: `…` and the last four characters, or only `…` if the value is
  /// shorter than 12 characters.
  public String hint() {
    return value.length() < MIN_LENGTH_FOR_HINT ? "…" : "…" + value.substring(value.length() - 4);
  }

  /// A digest that tells secrets apart in memory, to be used where the plaintext should not be
  /// kept.
  public String fingerprint() {
    return HexFormat.of().formatHex(Sha256.of(value), 0, 16);
  }

  /// The masked form, for responses: a flag and the hint.
  @JsonValue
  public ObjectNode toMaskedJson() {
    return JsonNodeFactory.instance.objectNode().put("set", true).put("hint", hint());
  }

  /// Compares in constant time, independent of where the values differ.
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that
        && MessageDigest.isEqual(
            value.getBytes(StandardCharsets.UTF_8), that.value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
