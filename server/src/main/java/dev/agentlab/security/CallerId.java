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
}
