package dev.agentlab.keys;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.security.Caller;
import java.time.Duration;
import java.util.UUID;

/// The registry of API keys. Stateless; safe for all threads.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] while the database is away.
public interface Keys {

  /// How long a key is good beside the one that replaces it, unless said otherwise.
  Duration OVERLAP = Duration.ofHours(24);

  /// The longest it may be.
  Duration LONGEST_OVERLAP = Duration.ofDays(30);

  /// The registry in PostgreSQL.
  ///
  /// @param changes are told of the changes made through it
  /// @param agents finds the agents that scopes name
  /// @param audit where changes are recorded
  static Keys in(
      Database database,
      ChangeFeed changes,
      PageLimits limits,
      AgentLookup agents,
      KeyHashes hashes,
      AuditTrail audit) {
    return new PostgresKeys(database, changes, limits, agents, hashes, audit);
  }

  /// Makes a key. The answer is the only one to carry it.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if its name, its scopes or its end are at
  ///   fault
  /// @throws KeyException.TooWide if the maker may not do all that it is to allow
  ApiKey create(KeyInput command, Caller maker);

  /// The key of this id.
  ///
  /// @throws KeyException.NotFound if there is none
  ApiKey find(UUID id);

  /// One page of the keys a request asks for, those that have ended among them.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it sorts by an unknown field
  Page<ApiKey> search(SearchRequest request);

  /// Gives a key a new secret; the answer is the only one to carry it. Of keys replaced earlier
  /// none is good any more.
  ///
  /// @param overlap how long the present one is good beside it: zero to [#LONGEST_OVERLAP]
  /// @throws KeyException.NotFound if there is none
  /// @throws KeyException.Ended if it has expired, was revoked or is invalid
  /// @throws KeyException.TooWide if the caller may not do all that it allows
  /// @throws dev.agentlab.errors.InvalidInputException if it expires after the caller's own key
  ApiKey rotate(UUID id, Duration overlap, Caller maker);

  /// Ends a key for good: here at once, on every replica within a second. Does nothing to one that
  /// was revoked before.
  ///
  /// @throws KeyException.NotFound if there is none
  void revoke(UUID id);
}
