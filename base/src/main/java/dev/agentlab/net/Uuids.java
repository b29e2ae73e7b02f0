package dev.agentlab.net;

import java.util.Optional;
import java.util.UUID;

/// Parses UUIDs (RFC 9562).
public final class Uuids {
  private Uuids() {}

  /// Parses a UUID, case-insensitively; empty if the text is not a UUID.
  public static Optional<UUID> parse(String text) {
    try {
      UUID id = UUID.fromString(text);
      // UUID.fromString accepts shortened groups, which would give one id several texts.
      return Optional.of(id).filter(it -> it.toString().equalsIgnoreCase(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
