package dev.agentlab.keys;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.AdvisoryLock;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.GrantableScopes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The PostgreSQL-backed registry of API keys.
final class PostgresKeys implements Keys {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresKeys.class);

  private static final int MAX_EXPIRING = 100;

  private final Database database;
  private final ChangeFeed changes;
  private final PageLimits limits;
  private final KeyValidator validator;
  private final KeyedHash hash;
  private final PostgresKeyRows rows;
  private final AuditTrail audit;

  PostgresKeys(
      Database database,
      ChangeFeed changes,
      PageLimits limits,
      GrantableScopes scopes,
      AgentLookup agents,
      RouteIdLookup routes,
      KeyHashes hashes,
      AuditTrail audit) {
    this.database = database;
    this.changes = changes;
    this.limits = limits;
    this.validator = new KeyValidator(new ScopeParser(scopes, agents, routes));
    this.hash = hashes.tokens();
    rows = new PostgresKeyRows(hashes.rows(), scopes);
    this.audit = audit;
  }

  @Override
  public ApiKey create(KeyInput input, Caller creator) {
    GrantSet grants = validator.validate(input);
    return create(
        connection ->
            new Terms(input.expiresAt(), Optional.empty(), findCallerKey(connection, creator)),
        input,
        grants,
        creator);
  }

  @Override
  public ApiKey createOwn(KeyInput input, Caller caller) {
    GrantSet grants = validator.validate(input);
    KeyOwner owner = KeyOwner.of(caller);
    return create(
        connection -> {
          if (!AdvisoryLock.tryAcquireForTransaction(connection, lockName(owner))) {
            throw KeyException.LimitReached.ofConcurrent();
          }
          Optional<PostgresKeyRow> callerKey = findCallerKey(connection, caller);
          callerKey.ifPresent(PostgresKeys::requireActive);
          if (callerKey.flatMap(it -> it.fields().owner()).isPresent()) {
            throw new KeyException.Owned();
          }
          requireBelowLimits(
              rows.countOwned(connection, owner, Instant.now().minus(Duration.ofDays(1))));
          return new Terms(
              input.expiresAt().or(() -> callerKey.flatMap(it -> it.fields().expiresAt())),
              Optional.of(owner),
              callerKey);
        },
        input,
        grants,
        caller);
  }

  private static void requireBelowLimits(PostgresKeyRows.OwnedCount count) {
    if (count.unended() >= MAX_OWN_KEYS) {
      throw KeyException.LimitReached.ofActive(MAX_OWN_KEYS);
    }
    if (count.recent() >= MAX_OWN_KEYS_PER_DAY) {
      throw KeyException.LimitReached.ofCreated(MAX_OWN_KEYS_PER_DAY);
    }
  }

  /// What a new key gets from its creator.
  ///
  /// @param callerKey the creator's own key, if the creator authenticated with one
  private record Terms(
      Optional<Instant> expiresAt, Optional<KeyOwner> owner, Optional<PostgresKeyRow> callerKey) {}

  /// @param before runs first in the transaction
  private ApiKey create(
      Database.Work<Terms> before, KeyInput input, GrantSet grants, Caller creator) {
    ApiKeyToken token = ApiKeyToken.random(KeyType.KEY);
    UUID id = UUID.randomUUID();
    Database.Work<ApiKey> work =
        connection -> {
          Terms terms = before.run(connection);
          SignedKeyFields fields =
              SignedKeyFields.create(
                  id,
                  token,
                  hash.compute(token.bytes()),
                  grants,
                  terms.expiresAt().map(PostgresKeyRows::truncate),
                  terms.owner());
          KeyCreationPolicy.requireAllowed(
              creator, terms.callerKey().map(PostgresKeyRow::fields), grants, fields.expiresAt());
          PostgresKeyRow row = rows.insert(connection, fields, input.name(), creator.id());
          audit.record(connection, KeyAuditEntries.created(row));
          return row.toApiKey();
        };
    ApiKey created = changes.invalidateAfter(PostgresKeyRows.TABLE, id, () -> database.write(work));
    log("key created", created);
    return created.withKey(token);
  }

  /// The name of the lock that serializes the creation of the keys of an owner, and its revocation:
  /// otherwise it could get too many keys, or one that the revocation does not see. Only a
  /// revocation waits for it, so that an owner cannot occupy connections.
  private static String lockName(KeyOwner owner) {
    return "keys of " + owner;
  }

  /// The caller's own key, if the caller authenticated with one.
  private Optional<PostgresKeyRow> findCallerKey(Connection connection, Caller caller)
      throws SQLException {
    return caller.kind() == Caller.Kind.KEY
        ? rows.find(connection, UUID.fromString(caller.id()))
        : Optional.empty();
  }

  @Override
  public ApiKey find(UUID id) {
    return database.read(connection -> requireFound(rows.find(connection, id), id)).toApiKey();
  }

  @Override
  public Page<ApiKey> search(SearchRequest request) {
    return database
        .read(connection -> rows.page(connection, request, limits))
        .map(PostgresKeyRow::toApiKey);
  }

  @Override
  public Page<ApiKey> findOwn(PageRequest page, Caller caller) {
    return database
        .read(connection -> rows.page(connection, KeyOwner.of(caller), limits.window(page)))
        .map(PostgresKeyRow::toApiKey);
  }

  @Override
  public Set<UUID> findOwnIds(Caller caller) {
    return database.read(connection -> rows.findUnended(connection, KeyOwner.of(caller))).stream()
        .map(PostgresKeyRow::id)
        .collect(Collectors.toSet());
  }

  @Override
  public void requireOwn(UUID id, Caller caller) {
    PostgresKeyRow _ =
        requireFound(
            database.read(connection -> rows.find(connection, id)).filter(isOwnedBy(caller)), id);
  }

  @Override
  public List<ApiKey> findExpiring(Instant until) {
    return findExpiring(until, Optional.empty());
  }

  @Override
  public List<ApiKey> findOwnExpiring(Instant until, Caller caller) {
    return findExpiring(until, Optional.of(KeyOwner.of(caller)));
  }

  private List<ApiKey> findExpiring(Instant until, Optional<KeyOwner> owner) {
    return database
        .read(connection -> rows.findExpiring(connection, until, owner, MAX_EXPIRING))
        .stream()
        .map(PostgresKeyRow::toApiKey)
        .filter(it -> it.status() == ApiKey.Status.ACTIVE)
        .toList();
  }

  private static Predicate<PostgresKeyRow> isOwnedBy(Caller caller) {
    Optional<KeyOwner> owner = Optional.of(KeyOwner.of(caller));
    return row -> row.fields().owner().equals(owner);
  }

  @Override
  public ApiKey rotateOwn(UUID id, Duration overlap, Caller caller) {
    return rotate(id, overlap, caller, isOwnedBy(caller));
  }

  @Override
  public ApiKey rotate(UUID id, Duration overlap, Caller caller) {
    return rotate(id, overlap, caller, _ -> true);
  }

  /// @param isVisible whether the caller may know of the key
  private ApiKey rotate(
      UUID id, Duration overlap, Caller caller, Predicate<PostgresKeyRow> isVisible) {
    if (overlap.isNegative() || overlap.compareTo(MAX_OVERLAP) > 0) {
      throw new IllegalArgumentException(
          "overlap: must be from 0 to %s, was %s".formatted(MAX_OVERLAP, overlap));
    }
    AtomicReference<List<ApiKey>> revoked = new AtomicReference<>(List.of());
    Database.Work<ApiKey> work =
        connection -> {
          List<PostgresKeyRow> owned = overlap.isZero() ? lockOwned(connection, id) : List.of();
          PostgresKeyRow row = requireFound(rows.lock(connection, id).filter(isVisible), id);
          requireActive(row);
          ApiKeyToken token = ApiKeyToken.withNewSecret(row.fields().type(), row.fields().keyId());
          SignedKeyFields fields = withNewSecret(row.fields(), token, overlap);
          KeyCreationPolicy.requireAllowed(
              caller,
              findCallerKey(connection, caller).map(PostgresKeyRow::fields),
              row.grants(),
              fields.expiresAt());
          PostgresKeyRow updated = rows.update(connection, fields);
          audit.record(connection, KeyAuditEntries.rotated(row, updated));
          revoked.set(revoke(connection, owned));
          return updated.toApiKey().withKey(token);
        };
    ApiKey rotated = changes.invalidateAfter(PostgresKeyRows.TABLE, id, () -> database.write(work));
    log("key rotated", rotated);
    revoked.get().forEach(key -> log("key revoked", key));
    return rotated;
  }

  /// Locks a key and the keys that it owns.
  ///
  /// @return the keys that it owns
  private List<PostgresKeyRow> lockOwned(Connection connection, UUID id) throws SQLException {
    AdvisoryLock.acquireForTransaction(connection, lockName(KeyOwner.ofKey(id)));
    return rows.lockWithOwned(connection, id).stream().filter(it -> !it.id().equals(id)).toList();
  }

  private SignedKeyFields withNewSecret(
      SignedKeyFields fields, ApiKeyToken token, Duration overlap) {
    Optional<SignedKeyFields.Previous> previous =
        overlap.isPositive()
            ? Optional.of(
                new SignedKeyFields.Previous(
                    fields.hash(), PostgresKeyRows.truncate(Instant.now().plus(overlap))))
            : Optional.empty();
    return fields.withHash(hash.compute(token.bytes()), previous);
  }

  private static void requireActive(PostgresKeyRow row) {
    if (row.status() != ApiKey.Status.ACTIVE) {
      throw new KeyException.Ended(row.id(), row.status());
    }
  }

  @Override
  public void revoke(UUID id) {
    revoke(id, _ -> true);
  }

  @Override
  public void revokeOwn(UUID id, Caller caller) {
    revoke(id, isOwnedBy(caller));
  }

  private void revoke(UUID id, Predicate<PostgresKeyRow> isVisible) {
    Database.Work<List<ApiKey>> work =
        connection -> {
          AdvisoryLock.acquireForTransaction(connection, lockName(KeyOwner.ofKey(id)));
          List<PostgresKeyRow> found = rows.lockWithOwned(connection, id);
          PostgresKeyRow _ =
              requireFound(
                  found.stream().filter(it -> it.id().equals(id)).filter(isVisible).findFirst(),
                  id);
          return revoke(connection, found);
        };
    changes
        .invalidateAfter(PostgresKeyRows.TABLE, id, () -> database.write(work))
        .forEach(key -> log("key revoked", key));
  }

  private List<ApiKey> revoke(Connection connection, List<PostgresKeyRow> keys)
      throws SQLException {
    Instant at = PostgresKeyRows.truncate(Instant.now());
    List<ApiKey> revoked = new ArrayList<>();
    for (PostgresKeyRow row : keys) {
      if (row.status() != ApiKey.Status.REVOKED) {
        PostgresKeyRow updated = rows.update(connection, row.fields().withRevocation(at));
        audit.record(connection, KeyAuditEntries.revoked(row, updated));
        revoked.add(updated.toApiKey());
      }
    }
    return revoked;
  }

  private static PostgresKeyRow requireFound(Optional<PostgresKeyRow> row, UUID id) {
    return row.orElseThrow(() -> new KeyException.NotFound(id));
  }

  private static void log(String event, ApiKey key) {
    LOG.atInfo()
        .addKeyValue("id", key.id())
        .addKeyValue("name", key.name())
        .addKeyValue("prefix", key.prefix())
        .log(event);
  }
}
