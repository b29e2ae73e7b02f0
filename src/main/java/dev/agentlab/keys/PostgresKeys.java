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
import dev.agentlab.security.Grants;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The registry of keys in PostgreSQL.
final class PostgresKeys implements Keys {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresKeys.class);

  /// The end of time, as far as it can be written down as RFC 3339 has it.
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

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
      AgentLookup agents,
      KeyHashes hashes,
      AuditTrail audit) {
    this.database = database;
    this.changes = changes;
    this.limits = limits;
    this.scopes = new ScopeParser(agents);
    this.hash = hashes.texts();
    rows = new PostgresKeyRows(hashes.rows());
    this.audit = audit;
  }

  @Override
  public ApiKey create(KeyInput command, Caller maker) {
    Grants grants = checked(command);
    ApiKeyToken text = ApiKeyToken.random(KeyType.KEY);
    UUID id = UUID.randomUUID();
    KeyRights rights =
        KeyRights.made(
            id,
            text,
            hash.of(text.bytes()),
            grants,
            command.expiresAt().map(PostgresKeyRows::precise));
    Database.Work<ApiKey> work =
        connection -> {
          requireAllowed(connection, maker, rights);
          KeyRow row = rows.insert(connection, rights, command.name(), maker.id());
          audit.record(connection, KeyAuditEntries.created(row));
          return row.shown();
        };
    ApiKey made = changes.changing(PostgresKeyRows.TABLE, id, () -> database.write(work));
    log("key created", made);
    return made.with(text);
  }

  /// Checks that a caller may obtain a key with these rights: only scopes the caller has, and no
  /// later expiry than that of the caller's own key. A token expires within minutes and stands for
  /// a person, so its expiry limits nothing.
  ///
  /// @throws KeyException.TooWide if the caller lacks a scope
  /// @throws InvalidInputException if the key would expire later
  private void requireAllowed(Connection connection, Caller maker, KeyRights rights)
      throws SQLException {
    ScopeParser.requireWithin(maker, rights.grants());
    if (maker.kind() != Caller.Kind.KEY) {
      return;
    }
    Optional<Instant> end =
        rows.find(connection, UUID.fromString(maker.id())).flatMap(it -> it.rights().expiresAt());
    if (end.isPresent() && rights.expiresAt().filter(it -> !it.isAfter(end.get())).isEmpty()) {
      throw new InvalidInputException(
          "expires_at",
          "must not lie after %s, when the caller's own key expires, was %s"
              .formatted(end.get(), rights.expiresAt().map(Instant::toString).orElse("absent")));
    }
  }

  private Grants checked(KeyInput command) {
    FieldErrors faults = new FieldErrors();
    NameRule.fault(command.name())
        .or(() -> fault(command.name()))
        .ifPresent(message -> faults.add("name", message));
    Optional<Grants> grants = faults.noting(() -> scopes.read(command.scopes()));
    command
        .expiresAt()
        .filter(end -> !end.isAfter(Instant.now()))
        .ifPresent(_ -> faults.add("expires_at", "must lie in the future"));
    command
        .expiresAt()
        .filter(end -> end.isAfter(LATEST))
        .ifPresent(_ -> faults.add("expires_at", "must lie before the year 10000, or be left out"));
    faults.refuse();
    return grants.orElseThrow();
  }

  private static Optional<String> fault(String name) {
    return Jsonb.isStorable(name)
        ? Optional.empty()
        : Optional.of("must not hold U+0000 or half of a surrogate pair");
  }

  @Override
  public ApiKey find(UUID id) {
    return database.read(connection -> existing(rows.find(connection, id), id)).shown();
  }

  @Override
  public Page<ApiKey> search(SearchRequest request) {
    return database.read(connection -> rows.page(connection, request, limits)).map(KeyRow::shown);
  }

  @Override
  public ApiKey rotate(UUID id, Duration overlap, Caller maker) {
    if (overlap.isNegative() || overlap.compareTo(LONGEST_OVERLAP) > 0) {
      throw new IllegalArgumentException("an overlap of " + overlap);
    }
    Database.Work<ApiKey> work =
        connection -> {
          KeyRow row = existing(rows.lock(connection, id), id);
          if (row.status() != ApiKey.Status.ACTIVE) {
            throw new KeyException.Ended(id, row.status());
          }
          ApiKeyToken text = ApiKeyToken.renewed(row.rights().type(), row.rights().keyId());
          KeyRights rights = rotated(row.rights(), text, overlap);
          // The caller obtains the new secret, as if the key had been created.
          requireAllowed(connection, maker, rights);
          KeyRow now = rows.update(connection, rights);
          audit.record(connection, KeyAuditEntries.rotated(row, now));
          return now.shown().with(text);
        };
    ApiKey rotated = changes.changing(PostgresKeyRows.TABLE, id, () -> database.write(work));
    log("key rotated", rotated);
    return rotated;
  }

  private KeyRights rotated(KeyRights rights, ApiKeyToken text, Duration overlap) {
    Optional<KeyRights.Previous> previous =
        overlap.isPositive()
            ? Optional.of(
                new KeyRights.Previous(
                    rights.hash(), PostgresKeyRows.precise(Instant.now().plus(overlap))))
            : Optional.empty();
    return rights.rotated(hash.of(text.bytes()), previous);
  }

  @Override
  public void revoke(UUID id) {
    Database.Work<Optional<ApiKey>> work =
        connection -> {
          KeyRow row = existing(rows.lock(connection, id), id);
          if (row.status() == ApiKey.Status.REVOKED) {
            return Optional.empty();
          }
          Instant at = PostgresKeyRows.precise(Instant.now());
          KeyRow now = rows.update(connection, row.rights().revoked(at));
          audit.record(connection, KeyAuditEntries.revoked(row, now));
          return Optional.of(now.shown());
        };
    changes
        .changing(PostgresKeyRows.TABLE, id, () -> database.write(work))
        .ifPresent(key -> log("key revoked", key));
  }

  private static KeyRow existing(Optional<KeyRow> row, UUID id) {
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
