package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.database.Row;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.database.UniqueViolationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/// Links recorded rows into the hash chain: moves them from `audit_unchained` to `audit` while it
/// locks the row of `audit_head`.
record PostgresAuditChainLinker(Database database, AuditHasher hashes) {
  private static final String SELECT_HEAD = "SELECT seq, hash, mac FROM audit_head";

  private static final String LOCK_HEAD = SELECT_HEAD + " FOR NO KEY UPDATE";

  /// Copies the content from the unchained rows: only hashes are sent to the database.
  private static final String APPEND =
      """
      INSERT INTO audit (seq, previous_hash, hash, entry_id, %1$s)
      SELECT seq, previous_hash, hash, entry_id, %2$s
      FROM audit_unchained
        JOIN unnest(:positions::bigint[], :seqs::bigint[], :previous_hashes::bytea[], :hashes::bytea[])
          AS link (position, seq, previous_hash, hash) USING (position)
      """
          .formatted(
              PostgresAuditRows.CHANGE_COLUMNS,
              PostgresAuditRows.CHANGE_COLUMNS.replace(
                  "before, after", "before::jsonb, after::jsonb"));

  private static final String UPDATE_HEAD =
      "UPDATE audit_head SET seq = :seq, hash = :hash, mac = :mac";

  /// A batch of rows that were chained in one transaction.
  ///
  /// @param lastPosition the last position of the rows in `audit_unchained`
  record Batch(List<UUID> ids, long lastPosition) {}

  /// An unchained row and the chained row that it becomes.
  private record Link(PostgresUnchainedRows.Stored stored, StoredAuditRow row) {}

  /// Chains the next batch of committed rows.
  ///
  /// @param wait whether to wait for the lock if another replica has it, or to return
  /// @return empty if there are no rows, or another replica has the lock
  /// @throws DatabaseException if the chain cannot be continued
  Optional<Batch> chainNext(boolean wait) {
    try {
      return database.write(connection -> {
        Optional<AuditHead> head = lockHead(connection, wait);
        List<PostgresUnchainedRows.Stored> rows =
            head.isEmpty() ? List.of() : PostgresUnchainedRows.findAfter(connection, 0);
        return rows.isEmpty()
            ? Optional.empty()
            : Optional.of(chainRows(connection, head.orElseThrow(), rows));
      });
    } catch (UniqueViolationException _) {
      throw toChainError("a row with the next sequence number already exists");
    }
  }

  private Optional<AuditHead> lockHead(Connection connection, boolean wait) throws SQLException {
    // Continuing from a modified head would hide tampering.
    Optional<AuditHead> head =
        new SqlStatement(connection, wait ? LOCK_HEAD : LOCK_HEAD + " SKIP LOCKED")
            .first(row ->
                readAuthentic(row)
                    .orElseThrow(
                        () -> toChainError("its head was modified, or created with another key")));
    if (head.isEmpty() && !hasHead(connection)) {
      throw toChainError("its head is missing");
    }
    return head;
  }

  /// The committed head. Empty if the service did not write it.
  Optional<AuditHead> findHead() {
    return database.read(connection ->
        new SqlStatement(connection, SELECT_HEAD).first(this::readAuthentic).flatMap(it -> it));
  }

  private Optional<AuditHead> readAuthentic(Row row) throws SQLException {
    AuditHead head = new AuditHead(row.number("seq"), AuditHash.of(row.bytes("hash")));
    AuditHash mac = AuditHash.of(row.bytes("mac"));
    return Optional.of(head).filter(it -> hashes.isAuthentic(it, mac));
  }

  private static boolean hasHead(Connection connection) throws SQLException {
    return new SqlStatement(connection, "SELECT EXISTS (SELECT FROM audit_head) AS found")
        .one(row -> row.bool("found"));
  }

  private Batch chainRows(
      Connection connection, AuditHead head, List<PostgresUnchainedRows.Stored> rows)
      throws SQLException {
    List<Link> links = new ArrayList<>();
    AuditHead last = head;
    for (PostgresUnchainedRows.Stored stored : rows) {
      stored
          .findDefect(hashes)
          .ifPresent(it -> {
            throw toChainError(it);
          });
      HashedAuditFields change = stored.row().change().withStates(stored.before(), stored.after());
      AuditRow row = new AuditRow(last.seq() + 1, change, last.hash());
      links.add(new Link(stored, new StoredAuditRow(row, hashes.of(row))));
      last = links.getLast().row().head();
    }
    append(connection, links);
    updateHead(connection, last);
    return new Batch(
        links.stream().map(it -> it.stored().row().id()).toList(), rows.getLast().position());
  }

  private static void append(Connection connection, List<Link> links) throws SQLException {
    Object[] positions = links.stream().map(it -> it.stored().position()).toArray();
    int appended =
        new SqlStatement(connection, APPEND)
            .bindArray("positions", "bigint", positions)
            .bindArray("seqs", "bigint", links.stream().map(it -> it.row().row().seq()).toArray())
            .bindArray("previous_hashes", "bytea", hashes(links, it -> it.row().previousHash()))
            .bindArray("hashes", "bytea", hashes(links, StoredAuditRow::hash))
            .update();
    if (appended != links.size()) {
      throw toChainError("rows were removed during chaining");
    }
    PostgresUnchainedRows.delete(connection, positions);
  }

  private static byte[][] hashes(List<Link> links, Function<StoredAuditRow, AuditHash> hash) {
    return links.stream().map(it -> hash.apply(it.row()).bytes()).toArray(byte[][]::new);
  }

  private void updateHead(Connection connection, AuditHead head) throws SQLException {
    new SqlStatement(connection, UPDATE_HEAD)
        .bind("seq", head.seq())
        .bind("hash", head.hash().bytes())
        .bind("mac", hashes.macOfHead(head.seq(), head.hash()).bytes())
        .update();
  }

  private static DatabaseException toChainError(String reason) {
    return new DatabaseException(reason, null);
  }
}
