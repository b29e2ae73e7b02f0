package dev.agentlab.keys;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.NameRule;
import dev.agentlab.json.Jsonb;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.security.Caller;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.GrantableScopes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The PostgreSQL-backed registry of API keys.
final class PostgresKeys implements Keys {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresKeys.class);

  /// The latest time that RFC 3339 can represent.
  private static final Instant MAX_EXPIRY = Instant.parse("9999-12-31T23:59:59Z");

  private final Database database;
  private final ChangeFeed changes;
  private final PageLimits limits;
  private final ScopeParser scopes;
  private final KeyedHash hash;
  private final PostgresKeyRows rows;
  private final AuditTrail audit;

  PostgresKeys(
      Database database,
      ChangeFeed changes,
      PageLimits limits,
      GrantableScopes scopes,
      AgentLookup agents,
      KeyHashes hashes,
      AuditTrail audit) {
    this.database = database;
    this.changes = changes;
    this.limits = limits;
    this.scopes = new ScopeParser(scopes, agents);
    this.hash = hashes.tokens();
    rows = new PostgresKeyRows(hashes.rows(), scopes);
    this.audit = audit;
  }

  @Override
  public ApiKey create(KeyInput input, Caller creator) {
    GrantSet grants = validate(input);
    ApiKeyToken token = ApiKeyToken.random(KeyType.KEY);
    UUID id = UUID.randomUUID();
    KeyRights rights =
        KeyRights.create(
            id,
            token,
            hash.compute(token.bytes()),
            grants,
            input.expiresAt().map(PostgresKeyRows::truncate));
    Database.Work<ApiKey> work =
        connection -> {
          requireAllowed(connection, creator, rights);
          PostgresKeyRow row = rows.insert(connection, rights, input.name(), creator.id());
          audit.record(connection, KeyAuditEntries.created(row));
          return row.toApiKey();
        };
    ApiKey created = changes.invalidateAfter(PostgresKeyRows.TABLE, id, () -> database.write(work));
    log("key created", created);
    return created.withKey(token);
  }

  /// Requires that a caller may obtain a key with these rights: only scopes that the caller has,
  /// and an expiry not after that of the caller's own key. The expiry of an OIDC token is not a
  /// limit: it expires within minutes and represents a person.
  ///
  /// @throws KeyException.ScopesExceeded if the caller lacks a scope
  /// @throws InvalidInputException if the key would expire later
  private void requireAllowed(Connection connection, Caller caller, KeyRights rights)
      throws SQLException {
    ScopeParser.requireWithin(caller, rights.grants(scopes.known()));
    if (caller.kind() != Caller.Kind.KEY) {
      return;
    }
    Optional<Instant> limit =
        rows.find(connection, UUID.fromString(caller.id())).flatMap(it -> it.rights().expiresAt());
    if (limit.isPresent() && rights.expiresAt().filter(it -> !it.isAfter(limit.get())).isEmpty()) {
      throw new InvalidInputException(
          "expires_at",
          "must not be after %s, the expiry of the caller's own key, was %s"
              .formatted(limit.get(), rights.expiresAt().map(Instant::toString).orElse("absent")));
    }
  }

  private GrantSet validate(KeyInput input) {
    FieldErrors errors = new FieldErrors();
    NameRule.findError(input.name())
        .or(() -> nameError(input.name()))
        .ifPresent(message -> errors.add("name", message));
    Optional<GrantSet> grants = errors.collect(() -> scopes.parse(input.scopes()));
    input
        .expiresAt()
        .filter(expiry -> !expiry.isAfter(Instant.now()))
        .ifPresent(
            expiry -> errors.add("expires_at", "must be in the future, was %s".formatted(expiry)));
    input
        .expiresAt()
        .filter(expiry -> expiry.isAfter(MAX_EXPIRY))
        .ifPresent(_ -> errors.add("expires_at", "must be before the year 10000, or absent"));
    errors.throwIfAny();
    return grants.orElseThrow();
  }

  private static Optional<String> nameError(String name) {
    return Jsonb.isStorable(name)
        ? Optional.empty()
        : Optional.of("must not contain U+0000 or an unpaired surrogate");
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
  public ApiKey rotate(UUID id, Duration overlap, Caller caller) {
    if (overlap.isNegative() || overlap.compareTo(MAX_OVERLAP) > 0) {
      throw new IllegalArgumentException(
          "overlap: must be from 0 to %s, was %s".formatted(MAX_OVERLAP, overlap));
    }
    Database.Work<ApiKey> work =
        connection -> {
          PostgresKeyRow row = requireFound(rows.lock(connection, id), id);
          if (row.status() != ApiKey.Status.ACTIVE) {
            throw new KeyException.Ended(id, row.status());
          }
          ApiKeyToken token = ApiKeyToken.withNewSecret(row.rights().type(), row.rights().keyId());
          KeyRights rights = withNewSecret(row.rights(), token, overlap);
          // The caller obtains the new secret, as if the caller had created the key.
          requireAllowed(connection, caller, rights);
          PostgresKeyRow updated = rows.update(connection, rights);
          audit.record(connection, KeyAuditEntries.rotated(row, updated));
          return updated.toApiKey().withKey(token);
        };
    ApiKey rotated = changes.invalidateAfter(PostgresKeyRows.TABLE, id, () -> database.write(work));
    log("key rotated", rotated);
    return rotated;
  }

  private KeyRights withNewSecret(KeyRights rights, ApiKeyToken token, Duration overlap) {
    Optional<KeyRights.Previous> previous =
        overlap.isPositive()
            ? Optional.of(
                new KeyRights.Previous(
                    rights.hash(), PostgresKeyRows.truncate(Instant.now().plus(overlap))))
            : Optional.empty();
    return rights.withHash(hash.compute(token.bytes()), previous);
  }

  @Override
  public void revoke(UUID id) {
    Database.Work<Optional<ApiKey>> work =
        connection -> {
          PostgresKeyRow row = requireFound(rows.lock(connection, id), id);
          if (row.status() == ApiKey.Status.REVOKED) {
            return Optional.empty();
          }
          Instant at = PostgresKeyRows.truncate(Instant.now());
          PostgresKeyRow updated = rows.update(connection, row.rights().withRevocation(at));
          audit.record(connection, KeyAuditEntries.revoked(row, updated));
          return Optional.of(updated.toApiKey());
        };
    changes
        .invalidateAfter(PostgresKeyRows.TABLE, id, () -> database.write(work))
        .ifPresent(key -> log("key revoked", key));
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
