package dev.agentlab.vault;

import java.util.UUID;

/// What a data key belongs to: a row, or the service itself.
record DataKeyOwner(String table, UUID id) {
  /// Of the key from which the service derives those that belong to no row.
  static final DataKeyOwner ROOT = new DataKeyOwner("root", new UUID(0, 0));

  /// Before all others in their order.
  static final DataKeyOwner FIRST = new DataKeyOwner("", new UUID(0, 0));

  /// What a wrapped data key is bound to.
  String wrapping() {
    return context("", "wrap");
  }

  /// What a sealed text is bound to: the table, the row, the field, the purpose and the version of
  /// the format. Only the field may hold the separator, so that no two contexts read alike.
  String context(String field, String purpose) {
    return "%s|%s|%s|%s|1".formatted(table, id, field, purpose);
  }
}
