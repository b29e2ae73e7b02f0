package dev.agentlab.vault;

import dev.agentlab.database.Database;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.Secret;
import java.util.List;
import javax.crypto.Mac;

/// Creates vaults for tests, which share one key-encryption key.
public final class TestVault {
  public static final Secret KEY = Secret.of("x".repeat(42) + "w=");

  private TestVault() {}

  /// Creates and starts a vault. The database must have started.
  public static Vault start(Database database) {
    return start(new KeyEncryptionKeySource.Configured(KEY, List.of()), database);
  }

  /// Creates the keyed hash of a vault for a purpose.
  ///
  /// @param root the root key, 32 bytes
  public static KeyedHash keyedHash(byte[] root, String purpose) {
    Mac mac = HkdfKeyedHash.deriveMac(AesGcm.key(root), purpose);
    return new HkdfKeyedHash(() -> mac);
  }

  static Vault start(KeyEncryptionKeySource source, Database database) {
    Vault vault = new Vault(source, database, 8080);
    try {
      vault.start();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return vault;
  }
}
