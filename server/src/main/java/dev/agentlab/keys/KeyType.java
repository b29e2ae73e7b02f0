package dev.agentlab.keys;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// The type of an API key, which is part of its text and independent of its scopes.
public enum KeyType {
  /// The operator's key, created by the service.
  ADMIN,
  /// Created by a caller.
  KEY;

  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
