package dev.agentlab.audit;

import dev.agentlab.database.DatabaseException;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.Secret;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// The PostgreSQL-backed audit trail, which records a change with one statement.
final class PostgresAuditTrail implements AuditTrail {
  private static final String INTEGRITY_VIOLATION_CLASS = "23";

  private final AuditHasher hashes;
  private final AuditChainWorker chainWorker;

  PostgresAuditTrail(KeyedHash key, AuditChainWorker chainWorker) {
    hashes = new AuditHasher(key);
    this.chainWorker = chainWorker;
  }

  @Override
  public void record(Connection connection, AuditEntry entry) throws SQLException {
    chainWorker.requireContinuable();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    UnchainedRow row =
        new UnchainedRow(
            UUID.randomUUID(),
            HashedAuditFields.of(
                entry, now, toJsonText(entry.before()), toJsonText(entry.after())));
    try {
      long transaction = PostgresUnchainedRows.insert(connection, row, hashes.of(row));
      chainWorker.track(row.id(), transaction);
    } catch (SQLException e) {
      // Otherwise the caller would attribute it to the change, such as a duplicate name.
      if (String.valueOf(e.getSQLState()).startsWith(INTEGRITY_VIOLATION_CLASS)) {
        throw new DatabaseException(
            "cannot insert a row into the audit trail: " + e.getMessage(), e);
      }
      throw e;
    }
  }

  private Optional<String> toJsonText(Optional<ResourceState> state) {
    return state.map(it -> it.toJson(this::toHash).toString());
  }

  private JsonNode toHash(Secret secret) {
    return JsonNodeFactory.instance.objectNode().put("set", true).put("hash", hashes.of(secret));
  }
}
