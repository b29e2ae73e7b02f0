package dev.agentlab.providers;

import dev.agentlab.kinds.PostgresConfigSecrets;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.vault.PostgresPlainRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Providers whose secrets may be in the open.
final class PostgresPlainProviders implements PostgresPlainRows<UUID> {
  private final PostgresProviderRows rows;
  private final PostgresConfigSecrets secrets;

  PostgresPlainProviders(PostgresProviderRows rows, PostgresConfigSecrets secrets) {
    this.rows = rows;
    this.secrets = secrets;
  }

  @Override
  public Part<UUID> next(Connection connection, Optional<UUID> after, int most)
      throws SQLException {
    String sql =
        """
        SELECT id, config FROM providers WHERE ?::uuid IS NULL OR id > ?::uuid ORDER BY id LIMIT ?
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, after.orElse(null));
      statement.setObject(2, after.orElse(null));
      statement.setInt(3, most);
      statement.setFetchSize(AT_A_TIME);
      List<UUID> plain = new ArrayList<>();
      Optional<UUID> last = Optional.empty();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          UUID id = row.getObject(1, UUID.class);
          last = Optional.of(id);
          if (rows.readConfig(row.getString(2)).hasPlaintextSecrets()) {
            plain.add(id);
          }
        }
      }
      return new Part<>(plain, last);
    }
  }

  @Override
  public boolean seal(Connection connection, UUID id) throws SQLException {
    Optional<ProviderRow> locked = rows.lock(connection, id);
    if (locked.isEmpty() || !locked.get().config().hasPlaintextSecrets()) {
      return false;
    }
    try (PreparedStatement statement =
        connection.prepareStatement("UPDATE providers SET config = ?::jsonb WHERE id = ?")) {
      ProviderConfig sealed =
          secrets.encrypt(
              connection, id, locked.get().config(), List.of(), locked.get().updatedAt());
      statement.setString(1, sealed.stored().toString());
      statement.setObject(2, id);
      return statement.executeUpdate() == 1;
    }
  }
}
