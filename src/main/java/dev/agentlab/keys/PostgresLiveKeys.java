package dev.agentlab.keys;

import dev.agentlab.database.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/// What is read of all keys at once, and written of many.
final class PostgresLiveKeys {
  private final Database database;

  PostgresLiveKeys(Database database) {
    this.database = database;
  }

  /// The keys that were not revoked, by the id in their text.
  Map<String, LiveKey> load() {
    String sql =
        "SELECT %s FROM %s WHERE revoked_at IS NULL"
            .formatted(PostgresKeyRow.ROWS.columns(), PostgresKeyRow.TABLE);
    return database.read(connection -> {
      Map<String, LiveKey> keys = new HashMap<>();
      try (PreparedStatement select = connection.prepareStatement(sql);
          ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          PostgresKeyRow row = PostgresKeyRow.read(rows);
          keys.put(row.keyId(), LiveKey.of(row));
        }
      }
      return keys;
    });
  }

  /// Writes down when keys were last used.
  void used(Map<UUID, Instant> uses) {
    String sql =
        """
        UPDATE api_keys SET last_used_at = used.at
        FROM unnest(?::uuid[], ?::timestamptz[]) AS used (id, at)
        WHERE api_keys.id = used.id AND (last_used_at IS NULL OR last_used_at < used.at)
        """;
    // In one order for every replica: two that update the same keys must not wait in a circle.
    UUID[] ids = uses.keySet().stream().sorted().toArray(UUID[]::new);
    String[] times = new String[ids.length];
    for (int i = 0; i < ids.length; i++) {
      times[i] = uses.getOrDefault(ids[i], Instant.EPOCH).atOffset(ZoneOffset.UTC).toString();
    }
    int _ =
        database.write(connection -> {
          lock(connection, ids);
          try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setArray(1, connection.createArrayOf("uuid", ids));
            update.setArray(2, connection.createArrayOf("text", times));
            return update.executeUpdate();
          }
        });
  }

  private static void lock(java.sql.Connection connection, UUID[] ids) throws SQLException {
    String sql = "SELECT FROM api_keys WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setArray(1, connection.createArrayOf("uuid", ids));
      select.executeQuery().close();
    }
  }
}
