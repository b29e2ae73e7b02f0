package dev.agentlab.vault;

import java.util.Optional;

/// A wrapped data key, as it is stored in the database.
final class WrappedDataKey {
  private final DataKeyOwner owner;
  private final String keyEncryptionKeyId;
  private final byte[] bytes;

  /// @param keyEncryptionKeyId the id of the key-encryption key that wrapped it
  /// @param bytes the wrapped key; must not be modified afterwards
  WrappedDataKey(DataKeyOwner owner, String keyEncryptionKeyId, byte[] bytes) {
    this.owner = owner;
    this.keyEncryptionKeyId = keyEncryptionKeyId;
    this.bytes = bytes;
  }

  DataKeyOwner owner() {
    return owner;
  }

  String keyEncryptionKeyId() {
    return keyEncryptionKeyId;
  }

  /// Unwraps the data key. Empty if it was modified, or belongs to another owner.
  ///
  /// @param key the key-encryption key with the id [#keyEncryptionKeyId]
  Optional<byte[]> unwrap(KeyEncryptionKey key) {
    return key.unwrap(bytes, owner);
  }
}
