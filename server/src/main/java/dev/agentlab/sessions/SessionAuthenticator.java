package dev.agentlab.sessions;

import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.LastUseRecorder;
import dev.agentlab.database.TableSnapshot;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.KeyReference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Authenticates callers by the token of a session. All sessions are in memory, so no request
/// causes a query.
///
/// The caller of a session of an API key is that key, with the rights that it has now. Ending a
/// session takes effect in this process at once, in other processes within a second. Safe for all
/// threads.
public final class SessionAuthenticator implements Authenticator {
  /// The same result for unknown and ended sessions.
  private static final AuthenticationResult ENDED =
      new AuthenticationResult.Refused("the session has ended; sign in again");

  private static final AuthenticationResult UNDECIDED = new AuthenticationResult.Undecided();

  private final TableSnapshot<Map<ByteBuffer, ActiveSession>> sessions;
  private final KeyedHash hash;
  private final KeyVerifier keys;
  private final LastUseRecorder usageRecorder;
  private final InstantSource clock;

  private SessionAuthenticator(
      TableSnapshot<Map<ByteBuffer, ActiveSession>> sessions,
      KeyedHash hash,
      KeyVerifier keys,
      LastUseRecorder usageRecorder,
      InstantSource clock) {
    this.sessions = sessions;
    this.hash = hash;
    this.keys = keys;
    this.usageRecorder = usageRecorder;
    this.clock = clock;
  }

  /// Creates an authenticator for the sessions in PostgreSQL.
  ///
  /// @param changes the change feed, which reports sessions that started or ended
  /// @param scopes the scopes that a user can have
  public static SessionAuthenticator of(
      Database database,
      ChangeFeed changes,
      GrantableScopes scopes,
      SessionHashes hashes,
      KeyVerifier keys,
      InstantSource clock) {
    PostgresActiveSessions stored =
        new PostgresActiveSessions(database, new PostgresSessionRows(hashes.rows()), scopes);
    return new SessionAuthenticator(
        new TableSnapshot<>(changes, PostgresSessionRows.TABLE, stored::load),
        hashes.tokens(),
        keys,
        new LastUseRecorder("sessions", stored::writeLastUses),
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
    return parsed.isEmpty()
        ? ENDED
        : authenticate(find(sessions.get(), parsed.get()), keys::verify);
  }

  /// Finds a session by its token. Empty if there is none; the session may have ended. May block.
  Optional<SessionRow> find(Secret token) {
    return SessionToken.parse(token)
        .flatMap(parsed -> find(sessions.get(), parsed))
        .map(ActiveSession::row);
  }

  private Optional<ActiveSession> find(
      Map<ByteBuffer, ActiveSession> current, SessionToken token) {
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
          case SessionOwner.OfUser _ -> found.get().user().orElseThrow();
        };
    if (result instanceof AuthenticationResult.Accepted) {
      usageRecorder.record(row.id(), now);
    }
    return result;
  }

  private static AuthenticationResult endOfKey(AuthenticationResult result) {
    return result instanceof AuthenticationResult.Refused(String detail)
        ? new AuthenticationResult.Refused("the session has ended: " + detail)
        : result;
  }
}
