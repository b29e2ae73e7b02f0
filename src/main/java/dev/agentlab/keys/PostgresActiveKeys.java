package dev.agentlab.keys;

import dev.agentlab.database.Database;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is read of all keys at once, and written of many.
final class PostgresActiveKeys {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresActiveKeys.class);

  private final Database database;
  private final PostgresKeyRows rows;

  /// Of those that are not genuine, which the log has; only touched by who loads.
  private Set<UUID> reported = Set.of();

  PostgresActiveKeys(Database database, PostgresKeyRows rows) {
    this.database = database;
    this.rows = rows;
  }

  /// The genuine keys that were not revoked, by the id in their text. One loads at a time.
  Map<String, ActiveKey> load() {
    Map<String, ActiveKey> keys = new HashMap<>();
    Set<UUID> invalid = new HashSet<>();
    for (KeyRow row : database.read(rows::unrevoked)) {
      if (row.isGenuine()) {
        keys.put(row.rights().keyId(), ActiveKey.of(row));
      } else {
        invalid.add(row.id());
      }
    }
    report(invalid);
    return keys;
  }

  private void report(Set<UUID> invalid) {
    for (UUID id : invalid) {
      if (!reported.contains(id)) {
        LOG.atError()
            .addKeyValue("id", id)
            .log("a key was changed in the database, not by the service; it lets nobody in");
      }
    }
    reported = invalid;
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
