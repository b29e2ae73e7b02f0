package dev.agentlab.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class VaultCryptographyTest {
  private static final UUID ROW = UUID.randomUUID();
  private static final KeyEncryptionKey KEY = KeyEncryptionKey.random();

  @Test
  void ciphertextIsBoundToItsRowTableAndDataKey() {
    byte[] dataKey = AesGcm.randomKey();
    String ciphertext =
        new RowCipher(new DataKeyOwner("providers", ROW), dataKey).encrypt("/a", "x");

    assertThat(new RowCipher(new DataKeyOwner("providers", ROW), dataKey).decrypt("/a", ciphertext))
        .contains("x");
    assertThat(new RowCipher(new DataKeyOwner("agents", ROW), dataKey).decrypt("/a", ciphertext))
        .isEmpty();
    assertThat(
            new RowCipher(new DataKeyOwner("providers", UUID.randomUUID()), dataKey)
                .decrypt("/a", ciphertext))
        .isEmpty();
    assertThat(TestRowCipher.random("providers", ROW).decrypt("/a", ciphertext)).isEmpty();
  }

  @Test
  void wrappedDataKeyIsBoundToItsOwnerAndKeyEncryptionKey() {
    DataKeyOwner owner = new DataKeyOwner("providers", ROW);
    byte[] dataKey = AesGcm.randomKey();
    byte[] wrapped = KEY.wrap(dataKey, owner);

    assertThat(KEY.unwrap(wrapped, owner)).contains(dataKey);
    assertThat(KEY.unwrap(wrapped, new DataKeyOwner("agents", ROW))).isEmpty();
    assertThat(KEY.unwrap(wrapped, DataKeyOwner.ROOT)).isEmpty();
    assertThat(KeyEncryptionKey.random().unwrap(wrapped, owner)).isEmpty();
    assertThat(KEY.unwrap(new byte[0], owner)).isEmpty();
  }

  @Test
  void textFormsOfKeysRevealNoKeyMaterial() {
    String base64 = KEY.base64();
    assertThat(KEY.toString()).isEqualTo(KEY.id()).hasSize(16);
    assertThat(base64).doesNotContain(KEY.id());
    assertThat(KeyEncryptionKey.of(Secret.of(base64))).isEqualTo(KEY);
    assertThat(TestRowCipher.random("providers", ROW)).hasToString("data key of providers " + ROW);
  }

  @Test
  void keyedHashesDifferByPurposeAndByKey() {
    byte[] a = bytes("a");
    assertThat(hash(1, "audit").compute(a)).hasSize(32).isEqualTo(hash(1, "audit").compute(a));
    assertThat(hash(1, "audit").compute(a)).isNotEqualTo(hash(1, "api-keys").compute(a));
    assertThat(hash(1, "audit").compute(a)).isNotEqualTo(hash(2, "audit").compute(a));
    assertThat(hash(1, "audit").compute(a)).isNotEqualTo(hash(1, "audit").compute(bytes("")));
  }

  /// Stored API keys and the audit trail depend on these hashes. The expected values were computed
  /// independently from RFC 5869 and RFC 2104 (Python's hmac), so that later releases stay
  /// compatible.
  @Test
  void keyedHashesAreStableAcrossReleases() {
    assertThat(Base64.getEncoder().encodeToString(hash(1, "api-keys").compute(bytes("a"))))
        .isEqualTo("l3pBv36MNpMqjqstDhQ1c2uSYj6mMmLhWMMfBinUBXU=");
    assertThat(Base64.getEncoder().encodeToString(hash(1, "audit").compute(bytes("a"))))
        .isEqualTo("3Hw8seC4FCgN3SK9V927iSgxGeoidzwDe7dvvb+Ixo4=");
    assertThat(Base64.getEncoder().encodeToString(hash(1, "idempotency").compute(bytes("a"))))
        .isEqualTo("Wm9R0o8o6lpCRRIPbiEgXbOEBwDVUNt3Rl8mCeHTdS8=");
  }

  private static KeyedHash hash(int key, String purpose) {
    byte[] root = new byte[32];
    root[0] = (byte) key;
    return TestVault.keyedHash(root, purpose);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
