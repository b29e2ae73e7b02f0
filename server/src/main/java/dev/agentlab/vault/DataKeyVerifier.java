package dev.agentlab.vault;

import java.util.List;
import java.util.UUID;

/// Verifies that the configured key-encryption keys can unwrap data keys that are not in the
/// database, such as those in a backup. Creates and changes no key.
public final class DataKeyVerifier {
  private final KeyEncryptionKeys keyEncryptionKeys;
  private final String place;

  /// Loads the key-encryption keys.
  ///
  /// @param place where the data keys are, for messages: `the backup`
  /// @throws VaultException if the key file is invalid or unreadable
  public DataKeyVerifier(KeyEncryptionKeySource source, String place) {
    keyEncryptionKeys = new KeyEncryptionKeys(source);
    keyEncryptionKeys.load();
    this.place = place;
  }

  /// Requires that key-encryption keys are available.
  ///
  /// @throws VaultException if one is not, with its id and a remedy
  public void requireAvailable(List<String> ids) {
    ids.forEach(this::find);
  }

  /// Requires that a data key can be unwrapped.
  ///
  /// @param table the table of the row that the data key belongs to
  /// @param keyEncryptionKeyId the id of the key-encryption key that wrapped it
  /// @throws VaultException if it cannot, with the id of the key and no key
  public void requireUnwrappable(String table, UUID id, String keyEncryptionKeyId, byte[] wrapped) {
    WrappedDataKey dataKey =
        new WrappedDataKey(new DataKeyOwner(table, id), keyEncryptionKeyId, wrapped);
    if (dataKey.unwrap(find(keyEncryptionKeyId)).isEmpty()) {
      throw new VaultException(
          "the data key of %s %s in %s does not open with the key-encryption key %s: it was modified, or belongs to another row"
              .formatted(table, id, place, keyEncryptionKeyId));
    }
  }

  private KeyEncryptionKey find(String id) {
    return keyEncryptionKeys
        .find(id)
        .orElseThrow(() -> new VaultException(keyEncryptionKeys.missingKeyMessage(place, id)));
  }
}
