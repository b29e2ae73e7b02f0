package dev.agentlab.audit;

import dev.agentlab.access.Actor;
import dev.agentlab.access.Caller;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.secrets.KeyedHash;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The trail in PostgreSQL: two statements, between which the hash is made.
final class PostgresAuditTrail implements AuditTrail {
  private static final String INTEGRITY_VIOLATIONS = "23";

  /// Also gives the texts of what will be stored: `jsonb` changes spaces, numbers and the order of
  /// members.
  private static final String LOCK =
      """
      SELECT seq, hash, mac, clock_timestamp(), ?::jsonb::text, ?::jsonb::text
      FROM audit_head FOR NO KEY UPDATE
      """;

  private static final String APPEND =
      """
      WITH recorded AS (
        INSERT INTO audit (%s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?, ?)
      )
      UPDATE audit_head SET seq = ?, hash = ?, mac = ?
      """
          .formatted(PostgresAuditRows.COLUMNS);

  private final Hashes hashes;
  private final HashedSecrets secrets;
  private final Runnable recorded;

  /// @param recorded is told of each row before it is committed
  PostgresAuditTrail(KeyedHash key, Runnable recorded) {
    hashes = new Hashes(key);
    secrets = new HashedSecrets(hashes);
    this.recorded = recorded;
  }

  /// The head, locked, and what goes into the next row.
  private record Next(
      long seq, Hash previous, Instant at, Optional<String> before, Optional<String> after) {}

  @Override
  public void record(Connection connection, AuditEntry entry) throws SQLException {
    try {
      AuditRow row = row(entry, locked(connection, entry));
      append(connection, new RecordedRow(row, hashes.of(row)));
      recorded.run();
    } catch (SQLException e) {
      // Not to be taken for a fault of the change, such as a name that is taken.
      if (String.valueOf(e.getSQLState()).startsWith(INTEGRITY_VIOLATIONS)) {
        throw new DatabaseException("the audit trail takes no row: " + e.getMessage(), e);
      }
      throw e;
    }
  }

  private Next locked(Connection connection, AuditEntry entry) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      statement.setString(1, text(entry.before()));
      statement.setString(2, text(entry.after()));
      try (ResultSet head = statement.executeQuery()) {
        if (!head.next()) {
          throw discontinued("it has no head");
        }
        long seq = head.getLong(1);
        Hash hash = Hash.of(head.getBytes(2));
        // To go on from any other head would hide what was done to the trail.
        if (!hashes.areOf(new TrailHead(seq, hash), Hash.of(head.getBytes(3)))) {
          throw discontinued("its head was changed, or made with another key");
        }
        return new Next(
            seq + 1,
            hash,
            head.getObject(4, OffsetDateTime.class).toInstant(),
            Optional.ofNullable(head.getString(5)),
            Optional.ofNullable(head.getString(6)));
      }
    }
  }

  private static DatabaseException discontinued(String reason) {
    return new DatabaseException(
        "nothing can be changed, because the audit trail cannot be continued: %s; SECURITY.md says what to do"
            .formatted(reason),
        null);
  }

  private static AuditRow row(AuditEntry entry, Next next) {
    Actor actor = Actor.current();
    Caller caller = actor.caller();
    return new AuditRow(
        next.seq(),
        next.at(),
        caller.kind().toString(),
        caller.id(),
        caller.name(),
        actor.address(),
        actor.requestId(),
        entry.action(),
        entry.resource().kind(),
        entry.resource().id(),
        entry.resource().name(),
        next.before(),
        next.after(),
        next.previous());
  }

  private void append(Connection connection, RecordedRow recorded) throws SQLException {
    AuditRow row = recorded.row();
    byte[] hash = recorded.hash().bytes();
    try (PreparedStatement statement = connection.prepareStatement(APPEND)) {
      statement.setLong(1, row.seq());
      statement.setObject(2, row.at().atOffset(ZoneOffset.UTC));
      statement.setString(3, row.callerKind());
      statement.setString(4, row.callerId());
      statement.setString(5, row.callerName());
      statement.setString(6, row.address().orElse(null));
      statement.setString(7, row.requestId().orElse(null));
      statement.setString(8, row.action());
      statement.setString(9, row.kind());
      statement.setString(10, row.resourceId());
      statement.setString(11, row.resourceName());
      statement.setString(12, row.before().orElse(null));
      statement.setString(13, row.after().orElse(null));
      statement.setBytes(14, row.previousHash().bytes());
      statement.setBytes(15, hash);
      statement.setLong(16, row.seq());
      statement.setBytes(17, hash);
      statement.setBytes(18, hashes.ofHead(row.seq(), recorded.hash()).bytes());
      statement.executeUpdate();
    }
  }

  private @Nullable String text(Optional<JsonNode> shown) {
    return shown.map(secrets::in).map(JsonNode::toString).orElse(null);
  }
}
