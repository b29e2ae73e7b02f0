package dev.agentlab.vault;

import java.util.Optional;

/// A wrapped data key, as it is stored in the database.
final class WrappedDataKey {
  private final DataKeyOwner owner;
  private final String wrappedBy;
  private final byte[] bytes;

  /// @param keyEncryptionKeyId the id of the key-encryption key that wrapped it
  /// @param bytes the wrapped key; must not be modified afterwards
  WrappedDataKey(DataKeyOwner owner, String keyEncryptionKeyId, byte[] bytes) {
    this.owner = owner;
    this.wrappedBy = keyEncryptionKeyId;
    this.bytes = bytes;
  }

  DataKeyOwner owner() {
    return owner;
  }

  String wrappedBy() {
    return wrappedBy;
  }

  /// Unwraps the data key. Empty if it was modified, or belongs to another owner.
  ///
  /// @param key the key-encryption key with the id [#wrappedBy]
  Optional<byte[]> unwrapped(KeyEncryptionKey key) {
    return key.unwrap(bytes, owner);
  }
}
