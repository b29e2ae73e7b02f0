package dev.agentlab.sessions;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.Actor;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Caller;
import dev.agentlab.security.KeyReference;
import dev.agentlab.security.KeyVerifier;
import dev.agentlab.security.OidcUser;
import dev.agentlab.vault.Vault;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The PostgreSQL-backed sessions.
final class PostgresSessions implements Sessions {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresSessions.class);

  /// All sessions are in memory, so that their number must be limited.
  private static final int MAX_PER_OWNER = 100;

  private static final int MAX_LINKS_PER_KEY = 20;

  /// The last use of a session is written with a delay.
  private static final Duration SWEEP_DELAY = Duration.ofMinutes(5);

  private static final String UNUSABLE_LINK =
      "the sign-in link was used, has expired or is not complete; `agent-lab login` prints a new one";

  private final Database database;
  private final ChangeFeed changes;
  private final Vault vault;
  private final SessionHashes hashes;
  private final KeyVerifier keys;
  private final SessionAuthenticator authenticator;
  private final AuditTrail audit;
  private final PostgresSessionRows rows;
  private final PostgresSignInLinks links;

  PostgresSessions(
      Database database,
      ChangeFeed changes,
      Vault vault,
      KeyVerifier keys,
      SessionAuthenticator authenticator,
      AuditTrail audit) {
    this.database = database;
    this.changes = changes;
    this.vault = vault;
    hashes = SessionHashes.of(vault);
    this.keys = keys;
    this.authenticator = authenticator;
    this.audit = audit;
    rows = new PostgresSessionRows(hashes.rows());
    links = new PostgresSignInLinks(hashes.rows());
  }

  @Override
  public NewSession startWithKey(Secret key) {
    KeyReference reference =
        keys.parse(key)
            .orElseThrow(() ->
                new SessionException.Rejected(
                    "the API key is malformed; an API key begins with agl_ and must be copied"
                        + " completely"));
    return start(reference, Optional.empty());
  }

  @Override
  public NewSession startWithLink(Secret link) {
    PostgresSignInLinks.LinkRow row =
        SessionToken.parse(link)
            .flatMap(token -> findLink(hashes.links().compute(token.bytes())))
            .filter(it -> Instant.now().isBefore(it.expiresAt()))
            .orElseThrow(() -> new SessionException.Rejected(UNUSABLE_LINK));
    return start(row.key(), Optional.of(row.id()));
  }

  private Optional<PostgresSignInLinks.LinkRow> findLink(byte[] tokenHash) {
    return database.read(connection -> links.find(connection, tokenHash));
  }

  @Override
  public NewSession startWithUser(OidcUser user) {
    Instant now = PostgresSessionRows.truncate(Instant.now());
    Instant withoutRefresh = now.plus(MAX_LIFETIME_WITHOUT_REFRESH);
    Instant expiresAt =
        user.refreshToken().isPresent()
            ? now.plus(MAX_LIFETIME)
            : PostgresSessionRows.truncate(
                user.expiresAt().isBefore(withoutRefresh) ? user.expiresAt() : withoutRefresh);
    return start(
        user.caller(),
        id -> connection -> PostgresUserSessions.owner(connection, vault, id, user),
        expiresAt,
        Optional.empty());
  }

  /// @param link the id of the link that is used up
  private NewSession start(KeyReference key, Optional<UUID> link) {
    Caller caller =
        switch (keys.verify(key)) {
          case AuthenticationResult.Accepted(Caller it) -> it;
          case AuthenticationResult.Refused(String detail) ->
              throw new SessionException.Rejected(detail);
          case AuthenticationResult.Undecided _ ->
              throw new IllegalStateException("authentication is undecided");
        };
    Instant now = PostgresSessionRows.truncate(Instant.now());
    SessionOwner owner = new SessionOwner.OfKey(key);
    return start(caller, _ -> _ -> owner, now.plus(MAX_LIFETIME), link);
  }

  /// @param owner creates the owner of the session with an id, in its transaction
  private NewSession start(
      Caller caller,
      Function<UUID, Database.Work<SessionOwner>> owner,
      Instant expiresAt,
      Optional<UUID> link) {
    SessionToken token = SessionToken.random();
    UUID id = UUID.randomUUID();
    Database.Work<UUID> work =
        connection -> {
          if (link.isPresent() && !PostgresSignInLinks.delete(connection, link.get())) {
            throw new SessionException.Rejected(UNUSABLE_LINK);
          }
          SessionRow row =
              new SessionRow(
                  id,
                  hashes.tokens().compute(token.bytes()),
                  owner.apply(id).run(connection),
                  expiresAt,
                  PostgresSessionRows.truncate(Instant.now()));
          rows.insert(connection, row);
          audit.record(connection, SessionAuditEntries.started(id, caller, expiresAt));
          for (SessionRow oldest : rows.deleteOldest(connection, row.owner(), MAX_PER_OWNER)) {
            audit.record(
                connection, SessionAuditEntries.ended(oldest.id(), caller, oldest.expiresAt()));
          }
          return id;
        };
    UUID _ =
        as(
            caller,
            () ->
                changes.invalidateAfter(PostgresSessionRows.TABLE, id, () -> database.write(work)));
    LOG.atInfo().addKeyValue("id", id).addKeyValue("caller", caller.id()).log("session started");
    return new NewSession(token.text(), caller, expiresAt);
  }

  @Override
  public Optional<Instant> expiresAt(Secret token) {
    return authenticator.find(token).map(SessionRow::expiresAt);
  }

  @Override
  public Optional<KeyReference> keyOf(Secret token) {
    return authenticator
        .find(token)
        .map(SessionRow::owner)
        .filter(SessionOwner.OfKey.class::isInstance)
        .map(owner -> ((SessionOwner.OfKey) owner).key());
  }

  @Override
  public void end(Secret token) {
    Optional<SessionRow> session = authenticator.find(token);
    if (session.isEmpty()) {
      return;
    }
    SessionRow row = session.get();
    Optional<Caller> owner = owner(row);
    if (owner.isEmpty()) {
      // Ended with its key.
      return;
    }
    Database.Work<Boolean> work =
        connection -> {
          boolean existed = rows.delete(connection, row.id());
          if (existed) {
            audit.record(
                connection, SessionAuditEntries.ended(row.id(), owner.get(), row.expiresAt()));
          }
          return existed;
        };
    boolean existed =
        as(
            owner.get(),
            () ->
                changes.invalidateAfter(
                    PostgresSessionRows.TABLE, row.id(), () -> database.write(work)));
    if (existed) {
      LOG.atInfo().addKeyValue("id", row.id()).log("session ended");
    }
  }

  private Optional<Caller> owner(SessionRow row) {
    return switch (row.owner()) {
      case SessionOwner.OfKey(KeyReference key) ->
          keys.verify(key) instanceof AuthenticationResult.Accepted(Caller caller)
              ? Optional.of(caller)
              : Optional.empty();
      case SessionOwner.OfUser user -> Optional.of(user.caller());
    };
  }

  /// Runs an action of the owner of a session. A request that signs in has no caller itself.
  private static <T> T as(Caller owner, Supplier<T> action) {
    Actor actor = new Actor(owner, Actor.current().address(), Actor.current().requestId());
    return actor.call(action);
  }

  @Override
  public SignInLink createLink(KeyReference key, String origin) {
    if (!(keys.verify(key) instanceof AuthenticationResult.Accepted(Caller owner))) {
      throw new SessionException.WithoutKey();
    }
    SessionToken token = SessionToken.random();
    PostgresSignInLinks.LinkRow row =
        new PostgresSignInLinks.LinkRow(
            UUID.randomUUID(),
            hashes.links().compute(token.bytes()),
            key,
            PostgresSessionRows.truncate(Instant.now().plus(LINK_LIFETIME)));
    Database.Work<SignInLink> work =
        connection -> {
          links.insert(connection, row);
          PostgresSignInLinks.deleteOldest(connection, key.keyId(), MAX_LINKS_PER_KEY);
          audit.record(
              connection, SessionAuditEntries.linkCreated(row.id(), owner, row.expiresAt()));
          return new SignInLink(
              URI.create(origin + "/sign-in#" + token.text().reveal()), row.expiresAt());
        };
    return database.write(work);
  }

  @Override
  public int sweep() {
    Instant now = Instant.now();
    return database.write(connection ->
        PostgresSessionRows.deleteEnded(
                connection, now, now.minus(SessionRow.MAX_IDLE).minus(SWEEP_DELAY))
            + PostgresSignInLinks.deleteExpired(connection, now));
  }
}
