package dev.agentlab.audit;

import dev.agentlab.database.DatabaseException;
import dev.agentlab.secrets.KeyedHash;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// The PostgreSQL-backed audit trail, which records a change with one statement.
final class PostgresAuditTrail implements AuditTrail {
  private static final String INTEGRITY_VIOLATION_CLASS = "23";

  private final AuditHasher hashes;
  private final HashedSecrets secrets;
  private final AuditChain chain;

  PostgresAuditTrail(KeyedHash key, AuditChain chain) {
    hashes = new AuditHasher(key);
    secrets = new HashedSecrets(hashes);
    this.chain = chain;
  }

  @Override
  public void record(Connection connection, AuditEntry entry) throws SQLException {
    chain.requireContinuable();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    UnchainedRow row =
        new UnchainedRow(
            UUID.randomUUID(),
            RecordedChange.of(entry, now, toJsonText(entry.before()), toJsonText(entry.after())));
    try {
      long transaction = PostgresUnchainedRows.insert(connection, row, hashes.of(row));
      chain.track(row.id(), transaction);
    } catch (SQLException e) {
      // Otherwise the caller would attribute it to the change, such as a duplicate name.
      if (String.valueOf(e.getSQLState()).startsWith(INTEGRITY_VIOLATION_CLASS)) {
        throw new DatabaseException(
            "cannot insert a row into the audit trail: " + e.getMessage(), e);
      }
      throw e;
    }
  }

  private Optional<String> toJsonText(Optional<JsonNode> state) {
    return state.map(secrets::hashSecrets).map(JsonNode::toString);
  }
}
