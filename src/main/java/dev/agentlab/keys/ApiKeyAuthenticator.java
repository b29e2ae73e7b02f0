package dev.agentlab.keys;

import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.TableSnapshot;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// All keys that may let somebody in, in memory: whatever a caller shows, it is told from memory
/// whose it is, and a wrong key costs no query either.
///
/// A key revoked by this process lets nobody in from the moment that returns, one revoked elsewhere
/// a second later. What was changed in the database by anything but the service is no key. While
/// the database is away nothing can be told, which is not the same as a wrong key. Safe for all
/// threads.
public final class ApiKeyAuthenticator implements Authenticator {
  /// For what no key of ours looks like.
  private static final AuthenticationResult MALFORMED =
      new AuthenticationResult.Refused(
          "that is no API key (agl_…) as this service makes them; was it copied whole?");

  /// For every key that is none, so that nobody learns which once was one.
  private static final AuthenticationResult UNKNOWN =
      new AuthenticationResult.Refused("the API key is not valid; it may have been revoked");

  private static final AuthenticationResult UNDECIDED = new AuthenticationResult.Undecided();

  private final TableSnapshot<Map<String, ActiveKey>> keys;
  private final KeyedHash hash;
  private final KeyUsageRecorder uses;
  private final InstantSource clock;

  private ApiKeyAuthenticator(
      TableSnapshot<Map<String, ActiveKey>> keys,
      KeyedHash hash,
      KeyUsageRecorder uses,
      InstantSource clock) {
    this.keys = keys;
    this.hash = hash;
    this.uses = uses;
    this.clock = clock;
  }

  /// The keys in PostgreSQL.
  ///
  /// @param changes tell when a key was made, changed or revoked
  public static ApiKeyAuthenticator in(
      Database database, ChangeFeed changes, KeyHashes hashes, InstantSource clock) {
    PostgresActiveKeys stored =
        new PostgresActiveKeys(database, new PostgresKeyRows(hashes.rows()));
    return new ApiKeyAuthenticator(
        new TableSnapshot<>(changes, PostgresKeyRows.TABLE, stored::load),
        hashes.texts(),
        new KeyUsageRecorder(stored),
        clock);
  }

  /// Begins to write down, in the background, when keys were last used.
  public void start() {
    uses.start();
  }

  /// Writes down what is left and ends.
  ///
  /// @param remaining how long that may take
  public void stop(Duration remaining) throws InterruptedException {
    uses.stop(remaining);
  }

  @Override
  public AuthenticationResult check(Secret credential) {
    Optional<ApiKeyToken> text = ApiKeyToken.parse(credential.reveal());
    if (text.isEmpty()) {
      return MALFORMED;
    }
    Optional<Map<String, ActiveKey>> present = keys.present();
    return present.isEmpty() ? UNDECIDED : told(text.get(), present.get());
  }

  @Override
  public AuthenticationResult verify(Secret credential) {
    Optional<ApiKeyToken> text = ApiKeyToken.parse(credential.reveal());
    return text.isEmpty() ? MALFORMED : told(text.get(), keys.get());
  }

  private AuthenticationResult told(ApiKeyToken text, Map<String, ActiveKey> known) {
    ActiveKey key = known.get(text.id());
    long now = clock.millis();
    if (key == null || !key.is(hash.of(text.bytes()), now)) {
      return UNKNOWN;
    }
    if (key.isExpired(now)) {
      return key.expired();
    }
    uses.note(key.id(), now);
    return key.accepted();
  }
}
