package dev.agentlab.vault;

import dev.agentlab.database.Database;
import dev.agentlab.secrets.Secret;
import java.util.List;

/// The vault of tests, which all have the same key.
public final class TestVault {
  public static final Secret KEY = Secret.of("x".repeat(42) + "w=");

  private TestVault() {}

  /// A started vault over a started database.
  public static Vault over(Database database) {
    return started(new KeySource.Given(KEY, List.of()), database);
  }

  static Vault started(KeySource source, Database database) {
    Vault vault = new Vault(source, database);
    try {
      vault.start();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return vault;
  }
}
