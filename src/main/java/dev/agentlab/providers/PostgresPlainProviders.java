package dev.agentlab.providers;

import dev.agentlab.json.Json;
import dev.agentlab.llm.PostgresConfigSecrets;
import dev.agentlab.llm.ProviderConfig;
import dev.agentlab.llm.ProviderKinds;
import dev.agentlab.vault.PostgresPlainRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Providers whose secrets may be in the open.
final class PostgresPlainProviders implements PostgresPlainRows<UUID> {
  private final ProviderKinds kinds;
  private final PostgresConfigSecrets secrets;

  PostgresPlainProviders(ProviderKinds kinds, PostgresConfigSecrets secrets) {
    this.kinds = kinds;
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
      List<UUID> plain = new ArrayList<>();
      Optional<UUID> last = Optional.empty();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          UUID id = row.getObject(1, UUID.class);
          last = Optional.of(id);
          if (config(row, 2).isPlain()) {
            plain.add(id);
          }
        }
      }
      return new Part<>(plain, last);
    }
  }

  @Override
  public boolean seal(Connection connection, UUID id) throws SQLException {
    ProviderConfig config;
    Instant given;
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT config, updated_at FROM providers WHERE id = ? FOR UPDATE")) {
      statement.setObject(1, id);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return false;
        }
        config = config(row, 1);
        given = row.getObject(2, OffsetDateTime.class).toInstant();
      }
    }
    if (!config.isPlain()) {
      return false;
    }
    try (PreparedStatement statement =
        connection.prepareStatement("UPDATE providers SET config = ?::jsonb WHERE id = ?")) {
      ProviderConfig sealed = secrets.sealed(connection, id, config, List.of(), given);
      statement.setString(1, sealed.stored().toString());
      statement.setObject(2, id);
      return statement.executeUpdate() == 1;
    }
  }

  private ProviderConfig config(ResultSet row, int column) throws SQLException {
    return kinds.stored(Json.MAPPER.readTree(row.getString(column)));
  }
}
