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

/// The hash for one purpose, whose key HKDF (RFC 5869) derives from a key that is wrapped as all
/// data keys are. A rotation does not change it. Safe for all threads.
final class DerivedHash implements KeyedHash {
  private static final String HMAC = "HmacSHA256";
  private static final int KEY_BYTES = 32;

  private final Supplier<Mac> ready;

  /// @param ready with its key; only copies of it are used
  DerivedHash(Supplier<Mac> ready) {
    this.ready = ready;
  }

  static Mac derived(SecretKey root, String purpose) {
    byte[] info = "agent-lab|mac|%s|1".formatted(purpose).getBytes(StandardCharsets.UTF_8);
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(
          KDF.getInstance("HKDF-SHA256")
              .deriveKey(
                  HMAC, HKDFParameterSpec.ofExtract().addIKM(root).thenExpand(info, KEY_BYTES)));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java from 25 has HKDF", e);
    }
  }

  @Override
  public byte[] of(byte[] text) {
    try {
      // A copy costs less than finding and keying another, and this is done for every request.
      Mac mac = (Mac) ready.get().clone();
      // The length is part of all that was ever stored.
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(text.length).flip());
      return mac.doFinal(text);
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("every Java has an HMAC-SHA256 that can be copied", e);
    }
  }
}
