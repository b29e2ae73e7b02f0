package dev.agentlab.sessions;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.SqlStatement;
import dev.agentlab.errors.UnreadableSecretException;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.Caller;
import dev.agentlab.security.OidcClient;
import dev.agentlab.security.OidcUser;
import dev.agentlab.vault.RowCipher;
import dev.agentlab.vault.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Refreshes the rights of the owners of sessions from the identity provider, with the refresh
/// tokens that are stored encrypted.
final class PostgresUserSessions {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresUserSessions.class);

  /// The location of the secret in its row, to which its encryption is bound.
  private static final String FIELD = "refresh_token";

  private final Database database;
  private final ChangeFeed changes;
  private final Vault vault;
  private final OidcClient client;
  private final AuditTrail audit;
  private final InstantSource clock;
  private final PostgresSessionRows rows;

  PostgresUserSessions(
      Database database,
      ChangeFeed changes,
      Vault vault,
      OidcClient client,
      AuditTrail audit,
      InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.vault = vault;
    this.client = client;
    this.audit = audit;
    this.clock = clock;
    rows = new PostgresSessionRows(SessionHashes.of(vault).rows());
  }

  /// The owner for the row of a new session, whose refresh token it encrypts.
  static SessionOwner.OfUser owner(Connection connection, Vault vault, UUID session, OidcUser user)
      throws SQLException {
    Optional<String> encrypted = Optional.empty();
    if (user.refreshToken().isPresent()) {
      RowCipher cipher = vault.dataKeys().create(connection, PostgresSessionRows.TABLE, session);
      encrypted = Optional.of(cipher.encrypt(FIELD, user.refreshToken().get().reveal()));
    }
    Caller caller = user.caller();
    return new SessionOwner.OfUser(
        user.issuer(),
        caller.id(),
        caller.name(),
        caller.grants().texts(),
        PostgresSessionRows.truncate(Instant.now()),
        encrypted);
  }

  /// A session and its refresh token.
  private record Refreshable(SessionRow row, SessionOwner.OfUser owner, Secret token) {}

  /// Refreshes the rights of the owner of a session, unless another replica does so. Ends the
  /// session if the identity provider refuses. Without an ID token in its response the rights
  /// remain as they are and count as not confirmed.
  ///
  /// @throws dev.agentlab.errors.UnavailableException if the identity provider or the database is
  ///   unavailable
  void refresh(UUID id) {
    Optional<Refreshable> claimed = database.write(connection -> claim(connection, id));
    if (claimed.isEmpty()) {
      return;
    }
    Optional<OidcUser> user;
    try {
      OidcClient.Tokens tokens = client.refresh(claimed.get().token());
      // First, because the former token may be used up, whether the rights can be verified or not.
      tokens.refreshToken().ifPresent(token -> replaceToken(id, token));
      user = client.verify(tokens);
    } catch (OidcClient.RefusedException e) {
      end(claimed.get().row(), String.valueOf(e.getMessage()));
      return;
    }
    if (user.filter(it -> !it.caller().id().equals(claimed.get().owner().subject())).isPresent()) {
      end(claimed.get().row(), "the identity provider returned another user");
      return;
    }
    user.ifPresent(it -> replaceRights(id, it));
  }

  private void replaceToken(UUID id, Secret token) {
    update(
        id,
        owner ->
            connection ->
                owner.withRefreshToken(cipher(connection, id).encrypt(FIELD, token.reveal())));
  }

  private void replaceRights(UUID id, OidcUser user) {
    Caller caller = user.caller();
    Instant now = PostgresSessionRows.truncate(clock.instant());
    update(id, owner -> _ -> owner.withRights(caller.name(), caller.grants().texts(), now));
  }

  private void update(UUID id, Function<SessionOwner.OfUser, Database.Work<SessionOwner>> change) {
    Database.Work<Optional<Void>> work =
        connection -> {
          for (SessionRow row : rows.lock(connection, List.of(id))) {
            if (row.owner() instanceof SessionOwner.OfUser owner) {
              rows.update(connection, row.withOwner(change.apply(owner).run(connection)));
            }
          }
          return Optional.empty();
        };
    Optional<Void> _ =
        changes.invalidateAfter(PostgresSessionRows.TABLE, id, () -> database.write(work));
  }

  /// Two replicas must not use one refresh token: a provider may take that for a theft.
  private Optional<Refreshable> claim(Connection connection, UUID id) throws SQLException {
    String sql =
        """
        UPDATE sessions SET refreshing_at = :now
        WHERE id = :id AND refresh_token IS NOT NULL AND checked_at <= :checked_before
          AND (refreshing_at IS NULL OR refreshing_at <= :started_before)
        """;
    Instant now = clock.instant();
    int claimed =
        new SqlStatement(connection, sql)
            .bind("now", now)
            .bind("id", id)
            .bind("checked_before", now.minus(SessionAuthenticator.REFRESH_AGE))
            .bind("started_before", now.minus(SessionRefresher.RETRY_INTERVAL))
            .update();
    if (claimed == 0) {
      return Optional.empty();
    }
    for (SessionRow row : rows.lock(connection, List.of(id))) {
      if (row.owner() instanceof SessionOwner.OfUser owner && owner.refreshToken().isPresent()) {
        return Optional.of(
            new Refreshable(row, owner, decrypt(connection, id, owner.refreshToken().get())));
      }
    }
    return Optional.empty();
  }

  private Secret decrypt(Connection connection, UUID id, String encrypted) throws SQLException {
    return cipher(connection, id)
        .decrypt(FIELD, encrypted)
        .map(Secret::of)
        .orElseThrow(() -> new UnreadableSecretException("the refresh token was modified"));
  }

  private RowCipher cipher(Connection connection, UUID id) throws SQLException {
    return vault
        .dataKeys()
        .find(connection, PostgresSessionRows.TABLE, id)
        .orElseThrow(() -> new UnreadableSecretException("the session has no data key"));
  }

  private void end(SessionRow row, String reason) {
    Database.Work<Boolean> work =
        connection -> {
          boolean existed = rows.delete(connection, row.id());
          if (existed && row.owner() instanceof SessionOwner.OfUser owner) {
            audit.record(
                connection, SessionAuditEntries.ended(row.id(), owner.caller(), row.expiresAt()));
          }
          return existed;
        };
    boolean _ =
        changes.invalidateAfter(PostgresSessionRows.TABLE, row.id(), () -> database.write(work));
    LOG.atInfo().addKeyValue("id", row.id()).log("session ended: {}", reason);
  }
}
