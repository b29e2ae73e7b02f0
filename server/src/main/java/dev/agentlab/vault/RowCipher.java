package dev.agentlab.vault;

import dev.agentlab.secrets.EncryptedSecret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.SecretKey;

/// Encrypts and decrypts the secrets of one row with the row's data key. Each ciphertext is bound
/// to its row and field. Immutable; keep it no longer than the secrets of the row.
public final class RowCipher {
  private static final String PURPOSE = "secret";

  private final DataKeyOwner owner;
  private final SecretKey key;

  RowCipher(DataKeyOwner owner, byte[] dataKey) {
    this.owner = owner;
    this.key = AesGcm.key(dataKey);
  }

  /// Encrypts a plaintext for a field. The ciphertext is `v1.` and base64url (RFC 4648, section 5),
  /// and differs each time.
  ///
  /// @param field the location of the secret in the row
  public String encrypt(String field, String plaintext) {
    byte[] bytes = plaintext.getBytes(StandardCharsets.UTF_8);
    byte[] sealed = AesGcm.encrypt(key, bytes, owner.context(field, PURPOSE));
    return EncryptedSecret.CIPHERTEXT_PREFIX
        + Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
  }

  /// Decrypts a ciphertext. Empty if it was modified, or belongs to another row or field.
  public Optional<String> decrypt(String field, String sealed) {
    if (!sealed.startsWith(EncryptedSecret.CIPHERTEXT_PREFIX)) {
      return Optional.empty();
    }
    try {
      byte[] bytes =
          Base64.getUrlDecoder()
              .decode(sealed.substring(EncryptedSecret.CIPHERTEXT_PREFIX.length()));
      return AesGcm.decrypt(key, bytes, owner.context(field, PURPOSE))
          .map(plaintext -> new String(plaintext, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return "data key of %s %s".formatted(owner.table(), owner.id());
  }
}
