package dev.agentlab.vault;

import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.SecretKey;

/// A key-encryption key, which wraps data keys and encrypts nothing else.
///
/// @param id the first eight bytes of a hash of the key, in hexadecimal; it identifies the key and
///   reveals nothing about it
record KeyEncryptionKey(String id, SecretKey key) {
  private static final int ID_BYTES = 8;
  private static final byte[] ID_PREFIX =
      "agent-lab|wrapping-key|1|".getBytes(StandardCharsets.US_ASCII);

  static KeyEncryptionKey random() {
    return of(AesGcm.randomKey());
  }

  /// @param base64 32 bytes in base64
  /// @throws IllegalArgumentException if it is anything else
  static KeyEncryptionKey of(Secret base64) {
    return of(Base64.getDecoder().decode(base64.reveal()));
  }

  private static KeyEncryptionKey of(byte[] bytes) {
    MessageDigest sha256 = Sha256.digest();
    sha256.update(ID_PREFIX);
    String id = HexFormat.of().formatHex(sha256.digest(bytes), 0, ID_BYTES);
    return new KeyEncryptionKey(id, AesGcm.key(bytes));
  }

  /// The key in base64, as [#of(Secret)] reads it.
  String base64() {
    return Base64.getEncoder().encodeToString(key.getEncoded());
  }

  byte[] wrap(byte[] dataKey, DataKeyOwner owner) {
    return AesGcm.encrypt(key, dataKey, owner.wrapContext());
  }

  /// Unwraps a data key. Empty if another key wrapped it, or it belongs to another owner.
  Optional<byte[]> unwrap(byte[] wrapped, DataKeyOwner owner) {
    return AesGcm.decrypt(key, wrapped, owner.wrapContext());
  }

  @Override
  public String toString() {
    return id;
  }
}
