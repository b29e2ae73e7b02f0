package dev.agentlab.security;

import java.util.UUID;

/// Identifies a caller.
public record CallerId(Caller.Kind kind, String id) {
  public static CallerId of(Caller caller) {
    return new CallerId(caller.kind(), caller.id());
  }

  /// The caller that is an API key.
  ///
  /// @param id the id of the key, not the id within its text
  public static CallerId ofKey(UUID id) {
    return new CallerId(Caller.Kind.KEY, id.toString());
  }

  /// The text form, such as `key:123e4567-e89b-12d3-a456-426614174000` or `token:alice`.
  @Override
  public String toString() {
    return kind + ":" + id;
  }
}
