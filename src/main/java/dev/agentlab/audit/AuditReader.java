package dev.agentlab.audit;

import dev.agentlab.database.Database;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.secrets.KeyedHash;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// What was recorded, to be read and verified. Safe for all threads.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] while the database is away.
public interface AuditReader {

  /// The trail in PostgreSQL.
  ///
  /// @param key the one the trail was recorded under
  /// @param chain knows of rows that must be there
  static AuditReader in(Database database, KeyedHash key, PageLimits limits, AuditChain chain) {
    return new PostgresAuditReader(database, key, limits, chain);
  }

  /// One page of the rows that are wanted, the newest first. What was committed before is chained
  /// first, and so is among them.
  Page<AuditEvent> search(AuditQuery query, PageRequest page);

  /// Reads the whole trail as it is now, some rows at a time, and recomputes every hash, also of
  /// rows that are not chained yet. Writers go on meanwhile; what they add is not looked at. The
  /// row that the service remembers must be there too, and the log has an error if one is not, or a
  /// row is not as it was recorded. One does this at a time.
  ///
  /// @param expected a head of former times that must still be there; if it is not, only the report
  ///   says so
  /// @param wanted asked now and then; once it says no, the work ends
  /// @throws dev.agentlab.errors.UnavailableException also if it is no longer wanted, or another
  ///   does this at the moment
  VerificationReport verify(Optional<AuditHead> expected, BooleanSupplier wanted);
}
