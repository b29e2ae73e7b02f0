package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.listing.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;

/// The committed head of the audit trail in PostgreSQL.
record PostgresAuditHead(Database database, AuditHasher hashes) {
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
}
