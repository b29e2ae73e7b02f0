package dev.agentlab.keys;

import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.LastUseRecorder;
import dev.agentlab.database.TableSnapshot;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Authenticator;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.security.KeyReference;
import dev.agentlab.security.KeyVerifier;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// Authenticates callers by API key. All active keys are in memory, so neither a valid nor an
/// invalid key causes a query.
///
/// Revoking a key takes effect in this process before the call returns, in other processes within a
/// second. A key whose row was modified outside the service is invalid. While the database cannot
/// be reached, the keys that were loaded last remain valid, and any other is undecided, which
/// differs from an invalid one. Safe for all threads.
public final class ApiKeyAuthenticator implements Authenticator, KeyVerifier {
  /// The result for a text that is not a well-formed API key.
  private static final AuthenticationResult MALFORMED =
      new AuthenticationResult.Refused(
          "the API key is malformed; an API key begins with agl_ and must be copied completely");

  /// The same result for unknown and revoked keys, so that it does not disclose which keys existed.
  private static final AuthenticationResult UNKNOWN =
      new AuthenticationResult.Refused("the API key is not valid; it may have been revoked");

  private static final Duration LAST_USE_INTERVAL = Duration.ofMinutes(1);

  private static final AuthenticationResult UNDECIDED = new AuthenticationResult.Undecided();

  private final TableSnapshot<Map<String, ActiveKey>> keys;
  private final KeyedHash hash;
  private final LastUseRecorder usageRecorder;
  private final InstantSource clock;

  private ApiKeyAuthenticator(
      TableSnapshot<Map<String, ActiveKey>> keys,
      KeyedHash hash,
      LastUseRecorder usageRecorder,
      InstantSource clock) {
    this.keys = keys;
    this.hash = hash;
    this.usageRecorder = usageRecorder;
    this.clock = clock;
  }

  /// Creates an authenticator for the keys in PostgreSQL.
  ///
  /// @param changes the change feed, which reports keys that were created, changed or revoked
  /// @param scopes the scopes that a key can have
  public static ApiKeyAuthenticator of(
      Database database,
      ChangeFeed changes,
      GrantableScopes scopes,
      KeyHashes hashes,
      InstantSource clock) {
    PostgresActiveKeys stored =
        new PostgresActiveKeys(database, new PostgresKeyRows(hashes.rows(), scopes));
    return new ApiKeyAuthenticator(
        new TableSnapshot<>(changes, PostgresKeyRows.TABLE, stored::load),
        hashes.tokens(),
        new LastUseRecorder("API keys", LAST_USE_INTERVAL, stored::writeLastUses),
        clock);
  }

  /// Starts writing the last use of keys in the background.
  public void start() {
    usageRecorder.start();
  }

  /// Writes the remaining uses and stops.
  ///
  /// @param timeout the longest time to wait
  public void stop(Duration timeout) throws InterruptedException {
    usageRecorder.stop(timeout);
  }

  @Override
  public AuthenticationResult check(Secret credential) {
    Optional<ApiKeyToken> token = ApiKeyToken.parse(credential.reveal());
    if (token.isEmpty()) {
      return MALFORMED;
    }
    // Before the hash, whose key is not available while the service starts.
    return keys.getIfCurrent().isEmpty() && keys.getIfAway().isEmpty()
        ? UNDECIDED
        : check(reference(token.get()));
  }

  @Override
  public AuthenticationResult verify(Secret credential) {
    Optional<ApiKeyToken> token = ApiKeyToken.parse(credential.reveal());
    if (token.isEmpty()) {
      return MALFORMED;
    }
    // Before the hash.
    requireLoaded();
    return verify(reference(token.get()));
  }

  /// Loads the keys, unless the database cannot be reached and they were loaded before.
  private void requireLoaded() {
    if (keys.getIfAway().isPresent()) {
      return;
    }
    try {
      var _ = keys.get();
    } catch (UnavailableException e) {
      // The database may have been found to be away meanwhile.
      if (keys.getIfAway().isEmpty()) {
        throw e;
      }
    }
  }

  @Override
  public Optional<KeyReference> parse(Secret credential) {
    return ApiKeyToken.parse(credential.reveal()).map(this::reference);
  }

  private KeyReference reference(ApiKeyToken token) {
    return new KeyReference(token.id(), hash.compute(token.bytes()));
  }

  @Override
  public AuthenticationResult check(KeyReference reference) {
    return keys.getIfCurrent()
        .map(active -> authenticate(reference, active))
        .or(() -> checkLastKnown(reference))
        .orElse(UNDECIDED);
  }

  @Override
  public AuthenticationResult verify(KeyReference reference) {
    Optional<AuthenticationResult> known = checkLastKnown(reference);
    if (known.isPresent()) {
      return known.get();
    }
    try {
      return authenticate(reference, keys.get());
    } catch (UnavailableException e) {
      // The database may have been found to be away meanwhile.
      return checkLastKnown(reference).orElseThrow(() -> e);
    }
  }

  /// The result by the keys that were loaded last, while the database cannot be reached; empty for
  /// a key that is not among them, which may be a new one.
  private Optional<AuthenticationResult> checkLastKnown(KeyReference reference) {
    return keys.getIfAway()
        .map(last -> authenticate(reference, last))
        .filter(result -> !result.equals(UNKNOWN));
  }

  private AuthenticationResult authenticate(KeyReference reference, Map<String, ActiveKey> active) {
    ActiveKey key = active.get(reference.keyId());
    long now = clock.millis();
    if (key == null || !key.matches(reference.hash(), now)) {
      return UNKNOWN;
    }
    if (key.isExpired(now)) {
      return key.expired();
    }
    usageRecorder.record(key.id(), now);
    return key.accepted();
  }
}
