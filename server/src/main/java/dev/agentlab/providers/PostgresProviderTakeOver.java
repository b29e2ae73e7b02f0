package dev.agentlab.providers;

import dev.agentlab.database.SqlStatement;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.vault.PostgresConfigSecrets;
import dev.agentlab.vault.PostgresDataKeys;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/// Takes over the providers of a database of the Go original: encrypts their secrets, which are
/// plaintext there.
public final class PostgresProviderTakeOver {
  private final Connection connection;
  private final ProviderKinds kinds;
  private final PostgresConfigSecrets secrets;

  /// @param connection in a transaction
  public PostgresProviderTakeOver(
      Connection connection, ProviderKinds kinds, PostgresDataKeys dataKeys) {
    this.connection = connection;
    this.kinds = kinds;
    secrets = new PostgresConfigSecrets(dataKeys, PostgresProviderRows.TABLE);
  }

  /// Encrypts the secrets of all providers. Versions and times do not change.
  public void encryptSecrets() throws SQLException {
    PostgresProviderRows rows = new PostgresProviderRows(kinds);
    List<UUID> ids =
        new SqlStatement(connection, "SELECT id FROM providers").all(row -> row.uuid("id"));
    // One configuration at a time, because the original stored them of any size.
    for (UUID id : ids) {
      ProviderRow plain = rows.find(connection, id).orElseThrow();
      ProviderConfig encrypted =
          secrets.encryptNew(connection, id, plain.config(), plain.updatedAt());
      if (!encrypted.equals(plain.config())) {
        new SqlStatement(connection, "UPDATE providers SET config = :config::jsonb WHERE id = :id")
            .bind("config", encrypted.stored().toString())
            .bind("id", id)
            .update();
      }
    }
  }
}
