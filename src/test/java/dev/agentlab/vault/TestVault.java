package dev.agentlab.vault;

import dev.agentlab.database.Database;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.Secret;
import java.util.List;
import javax.crypto.Mac;

/// The vault of tests, which all have the same key.
public final class TestVault {
  public static final Secret KEY = Secret.of("x".repeat(42) + "w=");

  private TestVault() {}

  /// A started vault over a started database.
  public static Vault over(Database database) {
    return started(new KeyEncryptionKeySource.Given(KEY, List.of()), database);
  }

  /// The hash that a vault with such a root key has for a purpose.
  ///
  /// @param root 32 bytes
  public static KeyedHash hash(byte[] root, String purpose) {
    Mac mac = DerivedHash.derived(AesGcm.key(root), purpose);
    return new DerivedHash(() -> mac);
  }

  static Vault started(KeyEncryptionKeySource source, Database database) {
    Vault vault = new Vault(source, database, 8080);
    try {
      vault.start();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return vault;
  }
}
