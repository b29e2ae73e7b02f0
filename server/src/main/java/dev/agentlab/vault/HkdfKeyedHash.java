package dev.agentlab.vault;

import dev.agentlab.secrets.KeyedHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.function.Supplier;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/// HMAC-SHA256 for one purpose, with a key that HKDF (RFC 5869) derives from the root key. The root
/// key is wrapped like every data key, so rotating the key-encryption key does not change the hash.
/// Safe for all threads.
final class HkdfKeyedHash implements KeyedHash {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;

  private final Supplier<Mac> initializedMac;

  /// @param mac supplies the initialized MAC, of which only clones are used
  HkdfKeyedHash(Supplier<Mac> mac) {
    this.initializedMac = mac;
  }

  static Mac deriveMac(SecretKey root, String purpose) {
    byte[] info = "agent-lab|mac|%s|1".formatted(purpose).getBytes(StandardCharsets.UTF_8);
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(
          KDF.getInstance("HKDF-SHA256")
              .deriveKey(
                  ALGORITHM,
                  HKDFParameterSpec.ofExtract().addIKM(root).thenExpand(info, KEY_BYTES)));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HKDF is not available", e);
    }
  }

  @Override
  public byte[] compute(byte[] text) {
    try {
      // Runs for every request: a clone is cheaper than creating and initializing a new Mac.
      Mac mac = (Mac) initializedMac.get().clone();
      // All stored hashes include the length.
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(text.length).flip());
      return mac.doFinal(text);
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the HMAC-SHA256 implementation cannot be cloned", e);
    }
  }
}
