package dev.agentlab.sessions;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.LastUseRecorder;
import dev.agentlab.database.TableSnapshot;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.KeyReference;
import dev.agentlab.security.KeyVerifier;
import dev.agentlab.security.OidcClient;
import dev.agentlab.vault.Vault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Authenticates callers by the token of a session. All sessions are in memory, and are loaded
/// again after a change, so that requests normally cause no query.
///
/// The caller of a session of an API key is that key, with the rights that it has now. Ending a
/// session takes effect in this process at once, in other processes within a second. Safe for all
/// threads.
public final class SessionAuthenticator implements Authenticator {
  /// The same result for unknown and ended sessions.
  private static final AuthenticationResult ENDED =
      new AuthenticationResult.Refused("the session has ended; sign in again");

  private static final AuthenticationResult UNDECIDED = new AuthenticationResult.Undecided();

  private static final AuthenticationResult UNCONFIRMED =
      new AuthenticationResult.Refused(
          "the session has ended: the identity provider has not confirmed it for an hour; sign in"
              + " again");

  /// The least time between two recorded uses of a session. Each causes all replicas to load the
  /// sessions again, so it is not shorter than the idle limit needs.
  private static final Duration LAST_USE_INTERVAL = Duration.ofMinutes(10);

  /// The age of a user's rights after which they are refreshed in the background.
  static final Duration REFRESH_AGE = Duration.ofMinutes(4);

  /// The age of a user's rights after which a request waits until they are refreshed.
  static final Duration MAX_RIGHTS_AGE = Duration.ofMinutes(5);

  /// The age of a user's rights up to which they are used while the identity provider does not
  /// confirm them.
  static final Duration MAX_UNCONFIRMED_AGE = Duration.ofHours(1);

  private final TableSnapshot<Map<ByteBuffer, ActiveSession>> sessions;
  private final KeyedHash hash;
  private final KeyVerifier keys;
  private final LastUseRecorder usageRecorder;
  private final Optional<SessionRefresher> refresher;
  private final InstantSource clock;

  private SessionAuthenticator(
      TableSnapshot<Map<ByteBuffer, ActiveSession>> sessions,
      KeyedHash hash,
      KeyVerifier keys,
      LastUseRecorder usageRecorder,
      Optional<SessionRefresher> refresher,
      InstantSource clock) {
    this.sessions = sessions;
    this.hash = hash;
    this.keys = keys;
    this.usageRecorder = usageRecorder;
    this.refresher = refresher;
    this.clock = clock;
  }

  /// Creates an authenticator for the sessions in PostgreSQL.
  ///
  /// @param changes the change feed, which reports sessions that started or ended
  /// @param scopes the scopes that a user can have
  /// @param client signs users in; empty if there is no identity provider for browsers
  /// @param audit records the end of a session that the identity provider refuses
  public static SessionAuthenticator of(
      Database database,
      ChangeFeed changes,
      GrantableScopes scopes,
      Vault vault,
      KeyVerifier keys,
      Optional<OidcClient> client,
      AuditTrail audit,
      InstantSource clock) {
    SessionHashes hashes = SessionHashes.of(vault);
    PostgresActiveSessions stored =
        new PostgresActiveSessions(
            database,
            new PostgresSessionRows(hashes.rows()),
            scopes,
            client.map(OidcClient::issuer));
    return new SessionAuthenticator(
        new TableSnapshot<>(changes, PostgresSessionRows.TABLE, stored::load),
        hashes.tokens(),
        keys,
        new LastUseRecorder("sessions", LAST_USE_INTERVAL, stored::writeLastUses),
        client
            .map(it -> new PostgresUserSessions(database, changes, vault, it, audit, clock))
            .map(users -> new SessionRefresher(users::refresh, clock)),
        clock);
  }

  void start() {
    usageRecorder.start();
  }

  void stop(Duration timeout) throws InterruptedException {
    usageRecorder.stop(timeout);
  }

  @Override
  public AuthenticationResult check(Secret token) {
    Optional<SessionToken> parsed = SessionToken.parse(token);
    if (parsed.isEmpty()) {
      return ENDED;
    }
    return sessions
        .getIfCurrent()
        .map(current -> authenticate(find(current, parsed.get()), keys::check))
        .orElse(UNDECIDED);
  }

  @Override
  public AuthenticationResult verify(Secret token) {
    Optional<SessionToken> parsed = SessionToken.parse(token);
    if (parsed.isEmpty()) {
      return ENDED;
    }
    Optional<ActiveSession> found = find(sessions.get(), parsed.get());
    if (found.filter(it -> rightsAge(it).compareTo(MAX_RIGHTS_AGE) >= 0).isPresent()
        && refresher.isPresent()) {
      Completions.join(refresher.get().start(found.get().row().id()));
      found = find(sessions.get(), parsed.get());
    }
    AuthenticationResult result = authenticate(found, keys::verify);
    // The identity provider is unavailable, or its response has no rights.
    return result instanceof AuthenticationResult.Undecided && found.isPresent()
        ? lastRights(found.get())
        : result;
  }

  private AuthenticationResult lastRights(ActiveSession session) {
    return rightsAge(session).compareTo(MAX_UNCONFIRMED_AGE) < 0
        ? session.user().orElseThrow()
        : UNCONFIRMED;
  }

  /// The age of the rights of a user that can be refreshed; zero for any other session.
  private Duration rightsAge(ActiveSession session) {
    return session.row().owner() instanceof SessionOwner.OfUser user
            && user.refreshToken().isPresent()
        ? Duration.between(user.checkedAt(), clock.instant())
        : Duration.ZERO;
  }

  /// Finds a session by its token. Empty if there is none; the session may have ended. May block.
  Optional<SessionRow> find(Secret token) {
    return SessionToken.parse(token)
        .flatMap(parsed -> find(sessions.get(), parsed))
        .map(ActiveSession::row);
  }

  private Optional<ActiveSession> find(Map<ByteBuffer, ActiveSession> current, SessionToken token) {
    return Optional.ofNullable(current.get(ByteBuffer.wrap(hash.compute(token.bytes()))));
  }

  private AuthenticationResult authenticate(
      Optional<ActiveSession> found, Function<KeyReference, AuthenticationResult> checkKey) {
    long now = clock.millis();
    if (found.isEmpty()) {
      return ENDED;
    }
    SessionRow row = found.get().row();
    if (row.hasEnded(now, usageRecorder.lastUse(row.id()))) {
      return ENDED;
    }
    AuthenticationResult result =
        switch (row.owner()) {
          case SessionOwner.OfKey(KeyReference key) -> endOfKey(checkKey.apply(key));
          case SessionOwner.OfUser _ -> checkUser(found.get());
        };
    if (!(result instanceof AuthenticationResult.Refused)) {
      usageRecorder.record(row.id(), now);
    }
    return result;
  }

  private AuthenticationResult checkUser(ActiveSession session) {
    Duration age = rightsAge(session);
    if (age.compareTo(REFRESH_AGE) >= 0 && refresher.isPresent()) {
      var _ = refresher.get().start(session.row().id());
    }
    return age.compareTo(MAX_RIGHTS_AGE) < 0 ? session.user().orElseThrow() : UNDECIDED;
  }

  private static AuthenticationResult endOfKey(AuthenticationResult result) {
    return result instanceof AuthenticationResult.Refused(String detail)
        ? new AuthenticationResult.Refused("the session has ended: " + detail)
        : result;
  }
}
