package dev.agentlab.providers;

import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.listing.Rows;
import dev.agentlab.vault.PostgresConfigSecrets;
import dev.agentlab.vault.PostgresDataKeys;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/// The providers of a database of the Go original, whose secrets are plaintext.
public final class PostgresOriginalProviders {
  /// Small, because the original stored configurations of any size.
  private static final int FETCH_SIZE = 4;

  private final Connection connection;
  private final ProviderKinds kinds;
  private final PostgresConfigSecrets secrets;

  /// @param connection in a transaction
  public PostgresOriginalProviders(
      Connection connection, ProviderKinds kinds, PostgresDataKeys dataKeys) {
    this.connection = connection;
    this.kinds = kinds;
    secrets = new PostgresConfigSecrets(dataKeys, PostgresProviderRows.TABLE);
  }

  /// Encrypts the secrets of all providers. Versions and times do not change.
  public void encryptSecrets() throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("SELECT id, config, updated_at FROM providers");
        PreparedStatement update =
            connection.prepareStatement("UPDATE providers SET config = ?::jsonb WHERE id = ?")) {
      select.setFetchSize(FETCH_SIZE);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          UUID id = row.getObject(1, UUID.class);
          ProviderConfig plain = kinds.readStored(Json.MAPPER.readTree(row.getString(2)));
          ProviderConfig encrypted =
              secrets.encryptNew(connection, id, plain, Rows.instant(row, 3));
          if (!encrypted.equals(plain)) {
            update.setString(1, encrypted.stored().toString());
            update.setObject(2, id);
            update.executeUpdate();
          }
        }
      }
    }
  }
}
