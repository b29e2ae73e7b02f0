package dev.agentlab.secrets;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;
import tools.jackson.databind.annotation.JsonSerialize;

/// A value that must not leave: printed it is `***`, as JSON it is `{"set": true, "hint":
/// "…1234"}`.
@JsonSerialize(using = SecretSerializer.class)
public final class Secret {
  /// Values shorter than this show no hint: four of their characters would be too much of them.
  private static final int HINT_FROM = 12;

  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /// A secret as a caller gives it, in JSON as text.
  @JsonCreator
  public static Secret of(String value) {
    return new Secret(Objects.requireNonNull(value));
  }

  /// The value itself. The name is the warning: call it only to store or to send the secret.
  public String reveal() {
    return value;
  }

  /// Whether there is nothing in it.
  public boolean isEmpty() {
    return value.isEmpty();
  }

  /// Enough to tell two secrets apart: `…` and the last four characters, or `…` alone when the
  /// value is short.
  public String hint() {
    return value.length() < HINT_FROM ? "…" : "…" + value.substring(value.length() - 4);
  }

  /// Compares in a time that does not depend on where the values differ.
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
