package dev.agentlab.errors;

import java.util.Optional;
import java.util.UUID;

/// A reference to a resource by id or by name. Text that is a UUID is always an id, so that no name
/// can hide the id of another resource.
public sealed interface IdOrName {

  /// A reference to the resource with this id.
  record Id(UUID id) implements IdOrName {}

  /// A reference to the resource with exactly this name.
  record Name(String name) implements IdOrName {}

  /// Parses a reference: an id if the text is a UUID, otherwise a name.
  static IdOrName parse(String text) {
    return parseUuid(text).<IdOrName>map(Id::new).orElseGet(() -> new Name(text));
  }

  /// Parses a UUID, case-insensitively; empty if the text is not a UUID.
  static Optional<UUID> parseUuid(String text) {
    try {
      UUID id = UUID.fromString(text);
      // UUID.fromString accepts shortened groups, which would give one id several texts.
      return Optional.of(id).filter(it -> it.toString().equalsIgnoreCase(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
