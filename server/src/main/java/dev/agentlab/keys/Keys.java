package dev.agentlab.keys;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantableScopes;
import java.time.Duration;
import java.util.UUID;

/// The registry of API keys. Stateless; safe for all threads.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] while the database is
/// unavailable.
public interface Keys {

  /// The default time that the old secret of a rotated key remains valid.
  Duration DEFAULT_OVERLAP = Duration.ofHours(24);

  /// The longest overlap.
  Duration MAX_OVERLAP = Duration.ofDays(30);

  /// Creates a registry in PostgreSQL.
  ///
  /// @param changes the change feed, which is notified of changes
  /// @param scopes the scopes that a key can have
  /// @param agents finds the agents that scopes name
  /// @param audit records changes
  static Keys of(
      Database database,
      ChangeFeed changes,
      PageLimits limits,
      GrantableScopes scopes,
      AgentLookup agents,
      KeyHashes hashes,
      AuditTrail audit) {
    return new PostgresKeys(database, changes, limits, scopes, agents, hashes, audit);
  }

  /// Creates an API key. Only this result contains the key itself.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the name, the scopes or the expiry are
  ///   invalid
  /// @throws KeyException.ScopesExceeded if the creator lacks a scope of the key
  ApiKey create(KeyInput input, Caller creator);

  /// Finds a key by its id.
  ///
  /// @throws KeyException.NotFound if there is none
  ApiKey find(UUID id);

  /// Finds one page of keys, including expired and revoked ones.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the request sorts by an unknown field
  Page<ApiKey> search(SearchRequest request);

  /// Replaces the secret of a key. Only this result contains the new key. Secrets replaced by
  /// earlier rotations become invalid.
  ///
  /// @param overlap how long the present secret remains valid: zero to [#MAX_OVERLAP]
  /// @throws KeyException.NotFound if there is none
  /// @throws KeyException.Ended if it has expired, was revoked or is invalid
  /// @throws KeyException.ScopesExceeded if the caller lacks a scope of the key
  /// @throws dev.agentlab.errors.InvalidInputException if it expires after the caller's own key
  ApiKey rotate(UUID id, Duration overlap, Caller caller);

  /// Revokes a key permanently: in this process at once, on every replica within a second. No
  /// effect if it is already revoked.
  ///
  /// @throws KeyException.NotFound if there is none
  void revoke(UUID id);
}
