package dev.agentlab.keys;

import dev.agentlab.database.Database;
import dev.agentlab.database.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads all active API keys from PostgreSQL, and writes their last use.
final class PostgresActiveKeys {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresActiveKeys.class);

  private final Database database;
  private final PostgresKeyRows rows;

  /// The ids of invalid keys that were logged. Confined to [#load].
  private Set<UUID> reported = Set.of();

  PostgresActiveKeys(Database database, PostgresKeyRows rows) {
    this.database = database;
    this.rows = rows;
  }

  /// Loads the authentic keys that were not revoked, and whose owner was not revoked either, by the
  /// id in their text. Must not run concurrently.
  Map<String, ActiveKey> load() {
    Map<UUID, PostgresKeyRow> authentic = new HashMap<>();
    Set<UUID> invalid = new HashSet<>();
    for (PostgresKeyRow row : database.read(rows::findUnrevoked)) {
      if (row.isAuthentic()) {
        authentic.put(row.id(), row);
      } else {
        invalid.add(row.id());
      }
    }
    report(invalid);
    Map<String, ActiveKey> keys = HashMap.newHashMap(authentic.size());
    for (PostgresKeyRow row : authentic.values()) {
      Optional<UUID> ownerId = row.fields().owner().flatMap(KeyOwner::keyId);
      Optional<PostgresKeyRow> owner = ownerId.map(authentic::get);
      if (ownerId.isEmpty() || owner.isPresent()) {
        keys.put(
            row.fields().keyId(), ActiveKey.of(row, owner.flatMap(it -> it.fields().expiresAt())));
      }
    }
    return keys;
  }

  private void report(Set<UUID> invalid) {
    for (UUID id : invalid) {
      if (!reported.contains(id)) {
        LOG.atError()
            .addKeyValue("id", id)
            .log("API key rejected because its row was modified outside the service");
      }
    }
    reported = invalid;
  }

  /// Writes the last use of keys.
  void writeLastUses(Map<UUID, Instant> uses) {
    String sql =
        """
        UPDATE api_keys SET last_used_at = used.at
        FROM unnest(:ids::uuid[], :times::timestamptz[]) AS used (id, at)
        WHERE api_keys.id = used.id AND (last_used_at IS NULL OR last_used_at < used.at)
        """;
    // The same order on every replica prevents a deadlock between updates of the same keys.
    UUID[] ids = uses.keySet().stream().sorted().toArray(UUID[]::new);
    String[] times = new String[ids.length];
    for (int i = 0; i < ids.length; i++) {
      times[i] = uses.getOrDefault(ids[i], Instant.EPOCH).atOffset(ZoneOffset.UTC).toString();
    }
    int _ =
        database.write(connection -> {
          lock(connection, ids);
          return new SqlStatement(connection, sql)
              .bindArray("ids", "uuid", ids)
              .bindArray("times", "text", times)
              .update();
        });
  }

  private static void lock(Connection connection, UUID[] ids) throws SQLException {
    String sql = "SELECT id FROM api_keys WHERE id = ANY (:ids) ORDER BY id FOR NO KEY UPDATE";
    List<UUID> _ =
        new SqlStatement(connection, sql).bindArray("ids", "uuid", ids).all(row -> row.uuid("id"));
  }
}
