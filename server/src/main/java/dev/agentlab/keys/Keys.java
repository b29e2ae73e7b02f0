package dev.agentlab.keys;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantableScopes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// The registry of API keys. Stateless; safe for all threads.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] while the database is
/// unavailable.
public interface Keys {

  /// The default time that the old secret of a rotated key remains valid.
  Duration DEFAULT_OVERLAP = Duration.ofHours(24);

  /// The most keys of its own that a caller can have, without those that have ended.
  int MAX_OWN_KEYS = 50;

  /// The most keys of its own that a caller can create within 24 hours, with those that have ended.
  int MAX_OWN_KEYS_PER_DAY = 100;

  /// The longest overlap.
  Duration MAX_OVERLAP = Duration.ofDays(30);

  /// Creates a registry in PostgreSQL.
  ///
  /// @param changes the change feed, which is notified of changes
  /// @param scopes the scopes that a key can have
  /// @param agents finds the agents that scopes name
  /// @param routes finds the model routes that scopes name
  /// @param audit records changes
  static Keys of(
      Database database,
      ChangeFeed changes,
      PageLimits limits,
      GrantableScopes scopes,
      AgentLookup agents,
      RouteIdLookup routes,
      KeyHashes hashes,
      AuditTrail audit) {
    return new PostgresKeys(database, changes, limits, scopes, agents, routes, hashes, audit);
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
  /// earlier rotations become invalid. Without an overlap the keys that the key owns are revoked:
  /// the owner of a secret that has leaked may have made them.
  ///
  /// @param overlap how long the present secret remains valid: zero to [#MAX_OVERLAP]
  /// @throws KeyException.NotFound if there is none
  /// @throws KeyException.Ended if it has expired, was revoked or is invalid
  /// @throws KeyException.ScopesExceeded if the caller lacks a scope of the key
  /// @throws dev.agentlab.errors.InvalidInputException if it expires after the caller's own key
  ApiKey rotate(UUID id, Duration overlap, Caller caller);

  /// Revokes a key permanently, and the keys that it owns: in this process at once, on every
  /// replica within a second. No effect if it is already revoked.
  ///
  /// @throws KeyException.NotFound if there is none
  void revoke(UUID id);

  /// Creates an API key that the caller owns: it ends with the caller's own key, and expires with
  /// it unless the input has an earlier expiry. Only this result contains the key itself.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if the name, the scopes or the expiry are
  ///   invalid
  /// @throws KeyException.ScopesExceeded if the caller lacks a scope of the key
  /// @throws KeyException.LimitReached if the caller has [#MAX_OWN_KEYS] keys, created
  ///   [#MAX_OWN_KEYS_PER_DAY] within a day, or is creating or revoking one in another request
  /// @throws KeyException.Owned if the caller is a key that has an owner
  ApiKey createOwn(KeyInput input, Caller caller);

  /// Finds one page of the keys that the caller owns, the newest first, including expired and
  /// revoked ones.
  Page<ApiKey> findOwn(PageRequest page, Caller caller);

  /// The ids of the keys that the caller owns, without those that have ended.
  Set<UUID> findOwnIds(Caller caller);

  /// As [#rotate], of a key that the caller owns.
  ///
  /// @throws KeyException.NotFound if the caller owns no such key
  ApiKey rotateOwn(UUID id, Duration overlap, Caller caller);

  /// As [#revoke], of a key that the caller owns.
  ///
  /// @throws KeyException.NotFound if the caller owns no such key
  void revokeOwn(UUID id, Caller caller);

  /// Requires that a key exists, and that the caller owns it.
  ///
  /// @throws KeyException.NotFound otherwise
  void requireOwn(UUID id, Caller caller);

  /// Finds keys that expire by a time, at most a hundred, the first to expire first.
  List<ApiKey> findExpiring(Instant until);

  /// As [#findExpiring(Instant)], of the caller's own key and the keys that it owns.
  List<ApiKey> findOwnExpiring(Instant until, Caller caller);
}
