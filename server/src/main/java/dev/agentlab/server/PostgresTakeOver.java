package dev.agentlab.server;

import dev.agentlab.agents.PostgresAgentTakeOver;
import dev.agentlab.database.Migrator;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.providers.PostgresProviderTakeOver;
import dev.agentlab.vault.KeyEncryptionKeySource;
import dev.agentlab.vault.PostgresDataKeys;
import java.util.List;

/// Takes over a database of the Go original: applies all migrations, and encrypts the secrets of
/// its providers and agents, in one transaction.
final class PostgresTakeOver {
  private PostgresTakeOver() {}

  /// Takes over the database, or does nothing if it was taken over before.
  ///
  /// @return the migrations applied; none if the database was taken over before
  static List<Migrator.Step> run(KeyEncryptionKeySource keys, Migrator migrator)
      throws InterruptedException {
    ProviderKinds kinds = ProviderKinds.standard();
    return migrator.takeOver(connection -> {
      PostgresDataKeys dataKeys = PostgresDataKeys.initialize(keys, connection);
      new PostgresProviderTakeOver(connection, kinds, dataKeys).encryptSecrets();
      new PostgresAgentTakeOver(connection, kinds, dataKeys).encryptSecrets();
      return dataKeys;
    });
  }
}
