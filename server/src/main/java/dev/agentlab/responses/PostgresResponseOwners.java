package dev.agentlab.responses;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentlab.database.Database;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.security.Caller;
import dev.agentlab.security.CallerId;
import dev.agentlab.vault.RowCipher;
import dev.agentlab.vault.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The callers that keep responses, in the table `response_owners` and, for a while, in memory.
final class PostgresResponseOwners {
  private static final String TABLE = "response_owners";

  private static final int MAX_KNOWN = 10_000;
  private static final Duration KNOWN_TIME = Duration.ofMinutes(5);

  private final Database database;
  private final Vault vault;
  private final Cache<CallerId, Owner> known =
      Caffeine.newBuilder()
          .maximumSize(MAX_KNOWN)
          .expireAfterAccess(KNOWN_TIME)
          .executor(Runnable::run)
          .build();

  /// A row.
  ///
  /// @param cipher encrypts the content of its responses
  record Owner(UUID id, RowCipher cipher) {}

  PostgresResponseOwners(Database database, Vault vault) {
    this.database = database;
    this.vault = vault;
  }

  /// The owner of a caller's responses, which may have been deleted since if it has none.
  Owner findOrCreate(Caller caller) {
    CallerId id = CallerId.of(caller);
    Owner owner = known.getIfPresent(id);
    if (owner == null) {
      owner = database.write(connection -> findOrCreate(connection, caller));
      known.put(id, owner);
    }
    return owner;
  }

  /// Forgets an owner that has been deleted.
  void forget(Caller caller) {
    known.invalidate(CallerId.of(caller));
  }

  private Owner findOrCreate(Connection connection, Caller caller) throws SQLException {
    String sql =
        """
        INSERT INTO response_owners (caller_kind, caller_id) VALUES (:caller_kind, :caller_id)
        ON CONFLICT (caller_kind, caller_id) DO UPDATE SET caller_id = excluded.caller_id
        RETURNING id
        """;
    // The row is locked, so that no other transaction creates its data key.
    UUID id = withCaller(connection, sql, caller).one(row -> row.uuid("id"));
    return new Owner(id, vault.dataKeys().findOrCreate(connection, TABLE, id));
  }

  /// The cipher for the content of an owner's responses.
  Optional<RowCipher> findCipher(Connection connection, UUID id) throws SQLException {
    return vault.dataKeys().find(connection, TABLE, id);
  }

  /// A statement that finds an owner by `:caller_kind` and `:caller_id`.
  static SqlStatement withCaller(Connection connection, String sql, Caller caller) {
    return new SqlStatement(connection, sql)
        .bind("caller_kind", caller.kind().toString())
        .bind("caller_id", caller.id());
  }

  /// Deletes the owners that have no responses, and so their data keys.
  int deleteUnused() {
    return database.write(PostgresResponseOwners::deleteUnused);
  }

  private static int deleteUnused(Connection connection) throws SQLException {
    String unused =
        """
        SELECT id FROM response_owners
        WHERE NOT EXISTS (SELECT FROM responses WHERE owner = response_owners.id)
        FOR UPDATE SKIP LOCKED
        """;
    // Looks again once they are locked: a response may have been saved meanwhile.
    String stillUnused =
        """
        DELETE FROM response_owners WHERE id = ANY(:ids)
          AND NOT EXISTS (SELECT FROM responses WHERE owner = response_owners.id)
        """;
    List<UUID> owners = new SqlStatement(connection, unused).all(row -> row.uuid("id"));
    return new SqlStatement(connection, stillUnused)
        .bindArray("ids", "uuid", owners.toArray())
        .update();
  }
}
