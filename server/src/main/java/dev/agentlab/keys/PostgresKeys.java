package dev.agentlab.keys;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
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
      KeyHashes hashes,
      AuditTrail audit) {
    this.database = database;
    this.changes = changes;
    this.limits = limits;
    this.validator = new KeyValidator(new ScopeParser(scopes, agents));
    this.hash = hashes.tokens();
    rows = new PostgresKeyRows(hashes.rows(), scopes);
    this.audit = audit;
  }

  @Override
  public ApiKey create(KeyInput input, Caller creator) {
    GrantSet grants = validator.validate(input);
    ApiKeyToken token = ApiKeyToken.random(KeyType.KEY);
    UUID id = UUID.randomUUID();
    SignedKeyFields fields =
        SignedKeyFields.create(
            id,
            token,
            hash.compute(token.bytes()),
            grants,
            input.expiresAt().map(PostgresKeyRows::truncate));
    Database.Work<ApiKey> work =
        connection -> {
          KeyCreationPolicy.requireAllowed(
              creator, findCallerKey(connection, creator), grants, fields.expiresAt());
          PostgresKeyRow row = rows.insert(connection, fields, input.name(), creator.id());
          audit.record(connection, KeyAuditEntries.created(row));
          return row.toApiKey();
        };
    ApiKey created = changes.invalidateAfter(PostgresKeyRows.TABLE, id, () -> database.write(work));
    log("key created", created);
    return created.withKey(token);
  }

  /// The caller's own key, if the caller authenticated with one.
  private Optional<SignedKeyFields> findCallerKey(Connection connection, Caller caller)
      throws SQLException {
    return caller.kind() == Caller.Kind.KEY
        ? rows.find(connection, UUID.fromString(caller.id())).map(PostgresKeyRow::fields)
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
          ApiKeyToken token = ApiKeyToken.withNewSecret(row.fields().type(), row.fields().keyId());
          SignedKeyFields fields = withNewSecret(row.fields(), token, overlap);
          KeyCreationPolicy.requireAllowed(
              caller, findCallerKey(connection, caller), row.grants(), fields.expiresAt());
          PostgresKeyRow updated = rows.update(connection, fields);
          audit.record(connection, KeyAuditEntries.rotated(row, updated));
          return updated.toApiKey().withKey(token);
        };
    ApiKey rotated = changes.invalidateAfter(PostgresKeyRows.TABLE, id, () -> database.write(work));
    log("key rotated", rotated);
    return rotated;
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

  @Override
  public void revoke(UUID id) {
    Database.Work<Optional<ApiKey>> work =
        connection -> {
          PostgresKeyRow row = requireFound(rows.lock(connection, id), id);
          if (row.status() == ApiKey.Status.REVOKED) {
            return Optional.empty();
          }
          Instant at = PostgresKeyRows.truncate(Instant.now());
          PostgresKeyRow updated = rows.update(connection, row.fields().withRevocation(at));
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
