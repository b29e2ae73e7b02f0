package dev.agentlab.errors;

import dev.agentlab.net.Uuids;
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
    return Uuids.parse(text).<IdOrName>map(Id::new).orElseGet(() -> new Name(text));
  }
}
