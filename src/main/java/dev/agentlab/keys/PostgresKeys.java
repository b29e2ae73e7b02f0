package dev.agentlab.keys;

import dev.agentlab.access.Caller;
import dev.agentlab.access.Grants;
import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.Changes;
import dev.agentlab.database.Database;
import dev.agentlab.errors.Faults;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.NameRule;
import dev.agentlab.json.Jsonb;
import dev.agentlab.paging.Page;
import dev.agentlab.paging.PageLimits;
import dev.agentlab.query.Listing;
import dev.agentlab.query.SearchRequest;
import dev.agentlab.secrets.KeyedHash;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The registry of keys in PostgreSQL.
final class PostgresKeys implements Keys {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresKeys.class);

  /// Names may repeat, so that a listing is in no order of theirs.
  private static final Listing LISTING =
      new Listing(
          PostgresKeyRow.TABLE, PostgresKeyRow.COLUMNS, "name", List.of("created_at", "id"));

  private final Database database;
  private final Changes changes;
  private final PageLimits limits;
  private final Scopes scopes;
  private final KeyedHash hash;
  private final AuditTrail audit;

  PostgresKeys(
      Database database,
      Changes changes,
      PageLimits limits,
      AgentIds agents,
      KeyedHash hash,
      AuditTrail audit) {
    this.database = database;
    this.changes = changes;
    this.limits = limits;
    this.scopes = new Scopes(agents);
    this.hash = hash;
    this.audit = audit;
  }

  @Override
  public ApiKey create(KeyCommand command, Caller maker) {
    Grants grants = checked(command);
    Scopes.requireWithin(maker, grants);
    KeyText text = KeyText.random(KeyType.KEY);
    UUID id = UUID.randomUUID();
    Database.Work<ApiKey> work =
        connection -> {
          requireNoLonger(connection, maker, command.expiresAt());
          PostgresKeyRow row =
              PostgresKeyRow.insert(
                  connection,
                  id,
                  command.name(),
                  text,
                  hash.of(text.bytes()),
                  grants,
                  maker.id(),
                  command.expiresAt());
          audit.record(connection, KeyEntries.created(row));
          return row.shown();
        };
    ApiKey made = changes.changing(PostgresKeyRow.TABLE, id, () -> database.write(work));
    log("key created", made);
    return made.with(text);
  }

  /// A key that is about to end must not live on in one that it makes. A token ends within minutes
  /// and stands for a person, who is known for longer.
  private static void requireNoLonger(
      Connection connection, Caller maker, Optional<Instant> expiresAt) throws SQLException {
    if (maker.kind() != Caller.Kind.KEY) {
      return;
    }
    Optional<Instant> end =
        PostgresKeyRow.ROWS
            .find(connection, UUID.fromString(maker.id()))
            .flatMap(PostgresKeyRow::expiresAt);
    if (end.isPresent() && expiresAt.filter(it -> !it.isAfter(end.get())).isEmpty()) {
      throw new InvalidInputException(
          "expires_at",
          "must not lie after %s, when the key that makes it ends".formatted(end.get()));
    }
  }

  private Grants checked(KeyCommand command) {
    Faults faults = new Faults();
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
        .filter(end -> end.isAfter(PostgresKeyRow.LATEST))
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
    return database
        .read(connection -> existing(PostgresKeyRow.ROWS.find(connection, id), id))
        .shown();
  }

  @Override
  public Page<ApiKey> search(SearchRequest request) {
    return database.read(connection ->
        LISTING.page(connection, request, limits, row -> PostgresKeyRow.read(row).shown()));
  }

  @Override
  public ApiKey rotate(UUID id, Duration overlap, Caller maker) {
    if (overlap.isNegative() || overlap.compareTo(LONGEST_OVERLAP) > 0) {
      throw new IllegalArgumentException("an overlap of " + overlap);
    }
    Database.Work<ApiKey> work =
        connection -> {
          PostgresKeyRow row = existing(PostgresKeyRow.ROWS.lock(connection, id), id);
          if (row.status() != ApiKey.Status.ACTIVE) {
            throw new KeyException.Ended(id, row.status());
          }
          // Else whoever may manage keys could take over one that may do more.
          Scopes.requireWithin(maker, row.grants());
          KeyText text = KeyText.renewed(row.type(), row.keyId());
          PostgresKeyRow now = rotate(connection, row, text, overlap);
          audit.record(connection, KeyEntries.rotated(row, now));
          return now.shown().with(text);
        };
    ApiKey rotated = changes.changing(PostgresKeyRow.TABLE, id, () -> database.write(work));
    log("key rotated", rotated);
    return rotated;
  }

  private PostgresKeyRow rotate(
      Connection connection, PostgresKeyRow row, KeyText text, Duration overlap)
      throws SQLException {
    String sql =
        """
        UPDATE api_keys SET key_hash = ?,
          previous_hash = CASE WHEN ? > 0 THEN key_hash END,
          previous_expires_at = CASE WHEN ? > 0 THEN now() + ? * interval '1 millisecond' END
        WHERE id = ? RETURNING %s
        """
            .formatted(PostgresKeyRow.ROWS.columns());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setBytes(1, hash.of(text.bytes()));
      statement.setLong(2, overlap.toMillis());
      statement.setLong(3, overlap.toMillis());
      statement.setLong(4, overlap.toMillis());
      statement.setObject(5, row.id());
      return PostgresKeyRow.ROWS.first(statement).orElseThrow();
    }
  }

  @Override
  public void revoke(UUID id) {
    Database.Work<Optional<ApiKey>> work =
        connection -> {
          PostgresKeyRow row = existing(PostgresKeyRow.ROWS.lock(connection, id), id);
          if (row.revokedAt().isPresent()) {
            return Optional.empty();
          }
          PostgresKeyRow now = PostgresKeyRow.revoke(connection, id);
          audit.record(connection, KeyEntries.revoked(row, now));
          return Optional.of(now.shown());
        };
    changes
        .changing(PostgresKeyRow.TABLE, id, () -> database.write(work))
        .ifPresent(key -> log("key revoked", key));
  }

  private static PostgresKeyRow existing(Optional<PostgresKeyRow> row, UUID id) {
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
