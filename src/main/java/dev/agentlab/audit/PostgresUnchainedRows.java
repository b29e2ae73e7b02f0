package dev.agentlab.audit;

import dev.agentlab.listing.Rows;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Reads, inserts and deletes rows of the table `audit_unchained`.
final class PostgresUnchainedRows {
  /// The most rows and bytes of JSON in a batch; a single larger row is a batch of its own. Without
  /// the limit on bytes, two configurations of one megabyte in every row would need a gigabyte.
  static final int BATCH_SIZE = 500;

  private static final int MAX_BATCH_BYTES = 4 << 20;

  private static final String INSERT =
      """
      INSERT INTO audit_unchained (entry_id, mac, %s)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      RETURNING pg_current_xact_id()::text::bigint
      """
          .formatted(PostgresAuditRows.CHANGE_COLUMNS);

  /// `jsonb` normalizes whitespace, numbers and the order of members: the hash of a chained row is
  /// computed from the text of the `jsonb` value.
  private static final String SELECT =
      """
      SELECT %s, position, entry_id, mac, before::jsonb::text, after::jsonb::text,
        EXISTS (SELECT FROM audit WHERE audit.entry_id = sized.entry_id)
      FROM (
        SELECT *, row_number() OVER (ORDER BY position) AS number,
          sum(coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0))
            OVER (ORDER BY position) AS bytes
        FROM (SELECT * FROM audit_unchained WHERE position > ? ORDER BY position LIMIT %d) AS next
      ) AS sized
      WHERE number = 1 OR bytes <= %d
      ORDER BY position
      """
          .formatted(PostgresAuditRows.CHANGE_COLUMNS, BATCH_SIZE, MAX_BATCH_BYTES);

  private PostgresUnchainedRows() {}

  /// A stored row.
  ///
  /// @param mac the stored MAC
  /// @param before the text of the `jsonb` value that the chained row will contain, as is `after`
  /// @param isChained whether a chained row with the same id exists
  record Stored(
      long position,
      UnchainedRow row,
      AuditHash mac,
      Optional<String> before,
      Optional<String> after,
      boolean isChained) {

    /// The reason why the row must not be chained. Empty if it is authentic and not chained yet.
    Optional<String> findDefect(AuditHasher hashes) {
      if (!hashes.of(row).equals(mac)) {
        return Optional.of("an unchained row was modified, or created with another key");
      }
      return isChained
          ? Optional.of("a chained row was inserted again as unchained")
          : Optional.empty();
    }
  }

  /// Inserts a row.
  ///
  /// @return the id of the transaction
  static long insert(Connection connection, UnchainedRow row, AuditHash mac) throws SQLException {
    RecordedChange change = row.change();
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setObject(1, row.id());
      statement.setBytes(2, mac.bytes());
      statement.setObject(3, change.at().atOffset(ZoneOffset.UTC));
      statement.setString(4, change.callerKind());
      statement.setString(5, change.callerId());
      statement.setString(6, change.callerName());
      statement.setString(7, change.address().orElse(null));
      statement.setString(8, change.requestId().orElse(null));
      statement.setString(9, change.action());
      statement.setString(10, change.kind());
      statement.setString(11, change.resourceId());
      statement.setString(12, change.resourceName());
      statement.setString(13, change.before().orElse(null));
      statement.setString(14, change.after().orElse(null));
      return Rows.number(statement);
    }
  }

  /// Finds the first rows after a position, in one snapshot: a row whose transaction began after
  /// the commit of another one follows it.
  static List<Stored> findAfter(Connection connection, long position) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SELECT)) {
      statement.setLong(1, position);
      return Rows.all(statement, PostgresUnchainedRows::read);
    }
  }

  /// Finds the position of the last row. Empty if there is none.
  static Optional<Long> findLastPosition(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT position FROM audit_unchained ORDER BY position DESC LIMIT 1")) {
      return Rows.first(statement, row -> row.getLong(1));
    }
  }

  /// Deletes rows that are chained.
  static void delete(Connection connection, Array positions) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("DELETE FROM audit_unchained WHERE position = ANY (?)")) {
      statement.setArray(1, positions);
      statement.executeUpdate();
    }
  }

  private static Stored read(ResultSet row) throws SQLException {
    return new Stored(
        row.getLong(13),
        new UnchainedRow(row.getObject(14, UUID.class), PostgresAuditRows.readChange(row, 1)),
        AuditHash.of(row.getBytes(15)),
        Optional.ofNullable(row.getString(16)),
        Optional.ofNullable(row.getString(17)),
        row.getBoolean(18));
  }
}
