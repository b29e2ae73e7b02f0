package dev.agentlab.audit;

import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// Reads, inserts and deletes rows of the table `audit_unchained`.
final class PostgresUnchainedRows {
  /// The most rows and bytes of JSON in a batch; a single larger row is a batch of its own. Without
  /// the limit on bytes, two configurations of one megabyte in every row would need a gigabyte.
  static final int BATCH_SIZE = 500;

  private static final int MAX_BATCH_BYTES = 4 << 20;

  private static final String INSERT =
      """
      INSERT INTO audit_unchained (entry_id, mac, %s)
      VALUES (:entry_id, :mac, :at, :caller_kind, :caller_id, :caller_name, :address, :request_id,
        :action, :kind, :resource_id, :resource_name, :before, :after)
      RETURNING pg_current_xact_id()::text::bigint AS transaction
      """
          .formatted(PostgresAuditRows.CHANGE_COLUMNS);

  /// `jsonb` normalizes whitespace, numbers and the order of members: the hash of a chained row is
  /// computed from the text of the `jsonb` value.
  private static final String SELECT =
      """
      SELECT %s, position, entry_id, mac,
        before::jsonb::text AS chained_before, after::jsonb::text AS chained_after,
        EXISTS (SELECT FROM audit WHERE audit.entry_id = sized.entry_id) AS is_chained
      FROM (
        SELECT *, row_number() OVER (ORDER BY position) AS number,
          sum(coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0))
            OVER (ORDER BY position) AS bytes
        FROM (SELECT * FROM audit_unchained WHERE position > :position ORDER BY position LIMIT %d) AS next
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
    HashedAuditFields change = row.change();
    return new SqlStatement(connection, INSERT)
        .bind("entry_id", row.id())
        .bind("mac", mac.bytes())
        .bind("at", change.at())
        .bind("caller_kind", change.callerKind())
        .bind("caller_id", change.callerId())
        .bind("caller_name", change.callerName())
        .bind("address", change.address())
        .bind("request_id", change.requestId())
        .bind("action", change.action())
        .bind("kind", change.kind())
        .bind("resource_id", change.resourceId())
        .bind("resource_name", change.resourceName())
        .bind("before", change.before())
        .bind("after", change.after())
        .one(it -> it.number("transaction"));
  }

  /// Finds the first rows after a position, in one snapshot: a row whose transaction began after
  /// the commit of another one follows it.
  static List<Stored> findAfter(Connection connection, long position) throws SQLException {
    return new SqlStatement(connection, SELECT)
        .bind("position", position)
        .all(PostgresUnchainedRows::read);
  }

  /// Finds the position of the last row. Empty if there is none.
  static Optional<Long> findLastPosition(Connection connection) throws SQLException {
    String sql = "SELECT position FROM audit_unchained ORDER BY position DESC LIMIT 1";
    return new SqlStatement(connection, sql).first(row -> row.number("position"));
  }

  /// Deletes rows that are chained.
  static void delete(Connection connection, Object[] positions) throws SQLException {
    new SqlStatement(connection, "DELETE FROM audit_unchained WHERE position = ANY (:positions)")
        .bindArray("positions", "bigint", positions)
        .update();
  }

  private static Stored read(Row row) throws SQLException {
    return new Stored(
        row.number("position"),
        new UnchainedRow(row.uuid("entry_id"), PostgresAuditRows.readChange(row)),
        AuditHash.of(row.bytes("mac")),
        row.optionalText("chained_before"),
        row.optionalText("chained_after"),
        row.bool("is_chained"));
  }
}
