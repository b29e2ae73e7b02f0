package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.listing.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// The end of the trail in PostgreSQL, as it is committed.
record PostgresTrailEnd(Database database, Hashes hashes) {
  /// Few, because each may hold two configurations of a megabyte.
  private static final int BATCH = 64;

  /// The head, if the service wrote it.
  Optional<TrailHead> head() {
    return database.read(this::head);
  }

  private Optional<TrailHead> head(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT seq, hash, mac FROM audit_head")) {
      return Rows.first(
              statement,
              row -> {
                Hash mac = Hash.of(row.getBytes(3));
                TrailHead head = new TrailHead(row.getLong(1), Hash.of(row.getBytes(2)));
                return Optional.of(head).filter(it -> hashes.areOf(it, mac));
              })
          .flatMap(it -> it);
    }
  }

  /// Whether rows that the service wrote lead from one to another.
  boolean leads(TrailHead from, TrailHead to) {
    TrailHead last = from;
    while (last.seq() < to.seq()) {
      long first = last.seq() + 1;
      long upTo = Math.min(to.seq(), last.seq() + BATCH);
      List<RecordedRow> rows =
          database.read(connection -> PostgresAuditRows.between(connection, first, upTo));
      if (rows.size() != upTo - last.seq()) {
        return false;
      }
      for (RecordedRow row : rows) {
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
