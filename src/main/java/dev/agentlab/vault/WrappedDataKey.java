package dev.agentlab.vault;

import java.util.Optional;

/// A data key as the database has it.
final class WrappedDataKey {
  private final DataKeyOwner owner;
  private final String wrappedBy;
  private final byte[] bytes;

  /// @param wrappedBy the id of the key that it is wrapped with
  /// @param bytes not changed after this
  WrappedDataKey(DataKeyOwner owner, String wrappedBy, byte[] bytes) {
    this.owner = owner;
    this.wrappedBy = wrappedBy;
    this.bytes = bytes;
  }

  DataKeyOwner owner() {
    return owner;
  }

  String wrappedBy() {
    return wrappedBy;
  }

  /// The data key; empty if it was changed, or is another owner's.
  ///
  /// @param key of the id that this names
  Optional<byte[]> unwrapped(KeyEncryptionKey key) {
    return key.unwrap(bytes, owner);
  }
}
