package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.errors.UnavailableException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The newest row of the trail that this service knows was there, outside the database: a trail
/// that was emptied or put back to an older state, head and all, does not hold it any more.
///
/// It is kept in a file. What is remembered only moves on, and only along rows that the service
/// wrote. Several replicas remember a row each. Safe for all threads, but for [#look] and [#keep],
/// which are for one.
final class AuditHeadMemory {
  private static final Logger LOG = LoggerFactory.getLogger(AuditHeadMemory.class);

  /// The name of its file in the data folder.
  private static final String FILE = "audit.head";

  private final PostgresAuditHead end;
  private final AuditHeadFile file;

  private final Object lock = new Object();
  private Optional<AuditHead> head = Optional.empty();
  private boolean loaded;

  /// What the log has last been told of; only touched by who looks.
  private Optional<AuditHead> reported = Optional.empty();

  AuditHeadMemory(Database database, AuditHashes hashes, Path dataDir) {
    end = new PostgresAuditHead(database, hashes);
    file = new AuditHeadFile(dataDir.resolve(FILE));
  }

  /// The row that must still be there; empty if none is remembered.
  Optional<AuditHead> head() {
    synchronized (lock) {
      if (!loaded) {
        head = file.read();
        loaded = true;
      }
      return head;
    }
  }

  /// Remembers the last of rows that this process chained.
  ///
  /// @param before the row that they were chained to
  void chained(AuditHead before, AuditHead last) {
    synchronized (lock) {
      if (head().equals(Optional.of(before))) {
        found(last);
      }
    }
  }

  /// Remembers a row of a trail that was found whole and to hold what is remembered.
  void found(AuditHead row) {
    synchronized (lock) {
      if (row.seq() > head().map(AuditHead::seq).orElse(0L)) {
        head = Optional.of(row);
      }
    }
  }

  /// Writes what is remembered into the file.
  void keep() {
    head().ifPresent(file::keep);
  }

  /// Moves on to the end of the trail as it is now, or tells that it was cut or replaced.
  ///
  /// @throws UnavailableException while the database is away
  void look() {
    Optional<AuditHead> known = head();
    Optional<AuditHead> now = end.findHead();
    if (now.isEmpty() || now.equals(known) || now.equals(reported)) {
      // Without a head nothing can be chained, and verifying says why.
      return;
    }
    AuditHead newest = now.get();
    if (known.isEmpty() || end.isConnected(known.get(), newest)) {
      found(newest);
    } else {
      reported = now;
      LOG.error(
          "the audit trail ends with row {} and does not go on from row {}, which was recorded: rows were removed or changed; {} remembers it",
          newest.seq(),
          known.get().seq(),
          file);
    }
  }
}
