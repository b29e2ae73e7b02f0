package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.database.UniqueViolationException;
import dev.agentlab.listing.Rows;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The chain in PostgreSQL: moves rows from `audit_unchained` to `audit`, under the lock of the row
/// of `audit_head`.
record PostgresAuditChain(Database database, AuditHashes hashes) {
  private static final String HEAD = "SELECT seq, hash, mac FROM audit_head FOR NO KEY UPDATE";

  /// What is stored is taken from the rows themselves: only hashes are sent.
  private static final String APPEND =
      """
      INSERT INTO audit (seq, previous_hash, hash, entry_id, %1$s)
      SELECT seq, previous_hash, hash, entry_id, %2$s
      FROM audit_unchained
        JOIN unnest(?::bigint[], ?::bigint[], ?::bytea[], ?::bytea[])
          AS link (position, seq, previous_hash, hash) USING (position)
      """
          .formatted(
              PostgresAuditRows.CHANGE,
              PostgresAuditRows.CHANGE.replace("before, after", "before::jsonb, after::jsonb"));

  private static final String MOVE_HEAD = "UPDATE audit_head SET seq = ?, hash = ?, mac = ?";

  /// Rows that were chained together.
  ///
  /// @param before the newest row until then
  /// @param after the newest row now
  /// @param lastPosition of the rows while they were not chained
  record Batch(AuditHead before, AuditHead after, List<UUID> ids, long lastPosition) {}

  /// A row and its place in the chain.
  private record Link(PostgresUnchainedRows.Stored stored, StoredAuditRow row) {}

  /// Chains the first of the rows that are committed.
  ///
  /// @param patient waits while another replica does this; else leaves it to that
  /// @return empty if there are none, or another replica does this
  /// @throws DatabaseException if the trail cannot be continued
  Optional<Batch> next(boolean patient) {
    try {
      return database.write(connection -> {
        Optional<AuditHead> head = head(connection, patient);
        List<PostgresUnchainedRows.Stored> rows =
            head.isEmpty() ? List.of() : PostgresUnchainedRows.after(connection, 0);
        return rows.isEmpty()
            ? Optional.empty()
            : Optional.of(chained(connection, head.orElseThrow(), rows));
      });
    } catch (UniqueViolationException _) {
      throw discontinued("a row stands where the next one belongs");
    }
  }

  private Optional<AuditHead> head(Connection connection, boolean patient) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(patient ? HEAD : HEAD + " SKIP LOCKED")) {
      Optional<AuditHead> head =
          Rows.first(
              statement,
              row -> {
                AuditHead found = new AuditHead(row.getLong(1), AuditHash.of(row.getBytes(2)));
                // To go on from any other head would hide what was done to the trail.
                if (!hashes.areOf(found, AuditHash.of(row.getBytes(3)))) {
                  throw discontinued("its head was changed, or made with another key");
                }
                return found;
              });
      if (head.isEmpty() && !hasHead(connection)) {
        throw discontinued("it has no head");
      }
      return head;
    }
  }

  private static boolean hasHead(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT count(*) FROM audit_head")) {
      return Rows.number(statement) > 0;
    }
  }

  private Batch chained(
      Connection connection, AuditHead head, List<PostgresUnchainedRows.Stored> rows)
      throws SQLException {
    List<Link> links = new ArrayList<>();
    AuditHead last = head;
    for (PostgresUnchainedRows.Stored stored : rows) {
      stored
          .fault(hashes)
          .ifPresent(it -> {
            throw discontinued(it);
          });
      RecordedChange change = stored.row().change().with(stored.before(), stored.after());
      AuditRow row = new AuditRow(last.seq() + 1, change, last.hash());
      links.add(new Link(stored, new StoredAuditRow(row, hashes.of(row))));
      last = links.getLast().row().head();
    }
    append(connection, links);
    move(connection, last);
    return new Batch(
        head,
        last,
        links.stream().map(it -> it.stored().row().id()).toList(),
        rows.getLast().position());
  }

  private static void append(Connection connection, List<Link> links) throws SQLException {
    Array positions =
        connection.createArrayOf(
            "bigint", links.stream().map(it -> it.stored().position()).toArray());
    try (PreparedStatement statement = connection.prepareStatement(APPEND)) {
      statement.setArray(1, positions);
      statement.setArray(
          2,
          connection.createArrayOf(
              "bigint", links.stream().map(it -> it.row().row().seq()).toArray()));
      statement.setArray(
          3, hashes(connection, links.stream().map(it -> it.row().row().previousHash()).toList()));
      statement.setArray(4, hashes(connection, links.stream().map(it -> it.row().hash()).toList()));
      if (statement.executeUpdate() != links.size()) {
        throw discontinued("rows were removed while they were being chained");
      }
    }
    PostgresUnchainedRows.delete(connection, positions);
  }

  private static Array hashes(Connection connection, List<AuditHash> hashes) throws SQLException {
    return connection.createArrayOf(
        "bytea", hashes.stream().map(AuditHash::bytes).toArray(byte[][]::new));
  }

  private void move(Connection connection, AuditHead head) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MOVE_HEAD)) {
      statement.setLong(1, head.seq());
      statement.setBytes(2, head.hash().bytes());
      statement.setBytes(3, hashes.ofHead(head.seq(), head.hash()).bytes());
      statement.executeUpdate();
    }
  }

  private static DatabaseException discontinued(String reason) {
    return new DatabaseException(reason, null);
  }
}
