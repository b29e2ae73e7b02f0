package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.secrets.KeyedHash;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Reads and verifies the audit trail. Safe for all threads.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] while the database is
/// unavailable.
public interface AuditReader {

  /// Creates a reader of the audit trail in PostgreSQL.
  ///
  /// @param key the keyed hash that the trail was recorded with
  /// @param chain the chain, which tracks rows that must exist
  static AuditReader of(Database database, KeyedHash key, PageLimits limits, AuditChain chain) {
    return new PostgresAuditReader(database, key, limits, chain);
  }

  /// Finds one page of the matching rows, the newest first. Chains the committed rows first, so
  /// that the result includes them.
  Page<AuditEvent> search(AuditQuery query, PageRequest page);

  /// Verifies the trail: reads it in batches and recomputes every hash, also of rows that are not
  /// chained yet. Rows added meanwhile are ignored. The trail must also contain the head that the
  /// service stored. A missing or modified row is logged as an error. Only one verification runs at
  /// a time.
  ///
  /// @param expected an earlier head that the trail must still contain; if it does not, the report
  ///   has a defect and nothing is logged
  /// @param isWanted polled between batches; the verification ends once it returns false
  /// @throws dev.agentlab.errors.UnavailableException also if the verification is no longer wanted,
  ///   or another one is running
  VerificationReport verify(Optional<AuditHead> expected, BooleanSupplier isWanted);
}
