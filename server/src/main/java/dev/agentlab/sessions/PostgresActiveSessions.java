package dev.agentlab.sessions;

import dev.agentlab.database.Database;
import dev.agentlab.security.GrantableScopes;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads all sessions from PostgreSQL, and writes their last use.
final class PostgresActiveSessions {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresActiveSessions.class);

  private final Database database;
  private final PostgresSessionRows rows;
  private final GrantableScopes scopes;
  private final Optional<String> issuer;

  /// The ids of invalid sessions that were logged. Confined to [#load].
  private Set<UUID> reported = Set.of();

  /// @param issuer the identity provider whose users can have sessions; empty if there is none
  PostgresActiveSessions(
      Database database,
      PostgresSessionRows rows,
      GrantableScopes scopes,
      Optional<String> issuer) {
    this.database = database;
    this.rows = rows;
    this.scopes = scopes;
    this.issuer = issuer;
  }

  /// Loads the authentic sessions, without those of users of another identity provider, by the hash
  /// of their token. Must not run concurrently.
  Map<ByteBuffer, ActiveSession> load() {
    Map<ByteBuffer, ActiveSession> sessions = new HashMap<>();
    Set<UUID> invalid = new HashSet<>();
    for (PostgresSessionRows.Stored stored : database.read(rows::findAll)) {
      SessionRow row = stored.row();
      if (!stored.isAuthentic()) {
        invalid.add(row.id());
      } else if (hasKnownOwner(row)) {
        sessions.put(ByteBuffer.wrap(row.tokenHash()), ActiveSession.of(row, scopes));
      }
    }
    report(invalid);
    return sessions;
  }

  /// The same subject of another identity provider is another user.
  private boolean hasKnownOwner(SessionRow row) {
    return switch (row.owner()) {
      case SessionOwner.OfKey _ -> true;
      case SessionOwner.OfUser user -> issuer.filter(user.issuer()::equals).isPresent();
    };
  }

  private void report(Set<UUID> invalid) {
    for (UUID id : invalid) {
      if (!reported.contains(id)) {
        LOG.atError()
            .addKeyValue("id", id)
            .log("session rejected because its row was modified outside the service");
      }
    }
    reported = invalid;
  }

  /// Writes the last use of sessions.
  void writeLastUses(Map<UUID, Instant> uses) {
    Database.Work<Optional<Void>> work =
        connection -> {
          for (SessionRow row : rows.lock(connection, uses.keySet())) {
            Instant at = PostgresSessionRows.truncate(uses.getOrDefault(row.id(), Instant.EPOCH));
            if (at.isAfter(row.lastUsedAt())) {
              rows.update(connection, row.withLastUse(at));
            }
          }
          return Optional.empty();
        };
    Optional<Void> _ = database.write(work);
  }
}
