package dev.agentlab.errors;

import java.util.Optional;
import java.util.UUID;

/// How a caller refers to a resource: by its id or by its name. Text that is a UUID is always an
/// id, so that no name can take the place of the id of another resource.
public sealed interface IdOrName {

  /// The resource with this id.
  record Id(UUID id) implements IdOrName {}

  /// The resource with exactly this name.
  record Name(String name) implements IdOrName {}

  /// What a text refers to.
  static IdOrName of(String text) {
    return uuid(text).<IdOrName>map(Id::new).orElseGet(() -> new Name(text));
  }

  /// The UUID that a text is, in either case of its letters; empty if it is none.
  static Optional<UUID> uuid(String text) {
    try {
      UUID id = UUID.fromString(text);
      // Shortened groups are read too, which would give one id several texts.
      return Optional.of(id).filter(it -> it.toString().equalsIgnoreCase(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
