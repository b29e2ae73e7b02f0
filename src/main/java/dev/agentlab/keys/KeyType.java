package dev.agentlab.keys;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// What a key was made for; it stands in the key's text and says nothing about its scopes.
public enum KeyType {
  /// The operator's own, made by the service itself.
  ADMIN,
  /// Made by a caller.
  KEY;

  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
