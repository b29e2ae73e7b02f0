package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.listing.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// The committed head of the audit trail in PostgreSQL.
record PostgresAuditHead(Database database, AuditHashes hashes) {
  /// Small, because a row may contain two configurations of one megabyte each.
  private static final int BATCH_SIZE = 64;

  /// The head. Empty if the service did not write it.
  Optional<AuditHead> findHead() {
    return database.read(this::findHead);
  }

  private Optional<AuditHead> findHead(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT seq, hash, mac FROM audit_head")) {
      return Rows.first(
              statement,
              row -> {
                AuditHash mac = AuditHash.of(row.getBytes(3));
                AuditHead head = new AuditHead(row.getLong(1), AuditHash.of(row.getBytes(2)));
                return Optional.of(head).filter(it -> hashes.isAuthentic(it, mac));
              })
          .flatMap(it -> it);
    }
  }

  /// Whether authentic rows connect one head to a later one.
  boolean isConnected(AuditHead from, AuditHead to) {
    AuditHead last = from;
    while (last.seq() < to.seq()) {
      long first = last.seq() + 1;
      long upTo = Math.min(to.seq(), last.seq() + BATCH_SIZE);
      List<StoredAuditRow> rows =
          database.read(connection -> PostgresAuditRows.findBetween(connection, first, upTo));
      if (rows.size() != upTo - last.seq()) {
        return false;
      }
      for (StoredAuditRow row : rows) {
        if (!row.row().previousHash().equals(last.hash())
            || !hashes.of(row.row()).equals(row.hash())) {
          return false;
        }
        last = row.head();
      }
    }
    return last.equals(to);
  }
}
