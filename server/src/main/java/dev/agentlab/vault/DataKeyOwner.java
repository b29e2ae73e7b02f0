package dev.agentlab.vault;

import java.util.UUID;

/// The owner of a data key: a row, or the service itself.
record DataKeyOwner(String table, UUID id) {
  /// The owner of the root key, from which the service derives the keys that belong to no row.
  static final DataKeyOwner ROOT = new DataKeyOwner("root", new UUID(0, 0));

  /// Sorts before every other owner.
  static final DataKeyOwner FIRST = new DataKeyOwner("", new UUID(0, 0));

  /// The context that a wrapped data key is bound to.
  String wrapContext() {
    return context("", "wrap");
  }

  /// The context that a ciphertext is bound to: the table, the row, the field, the purpose and the
  /// version of the format. Only the field may contain the separator, so contexts are unambiguous.
  String context(String field, String purpose) {
    return "%s|%s|%s|%s|1".formatted(table, id, field, purpose);
  }
}
