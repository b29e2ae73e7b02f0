package dev.agentlab.sessions;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.secrets.Secret;
import dev.agentlab.security.Caller;
import dev.agentlab.security.KeyReference;
import dev.agentlab.security.KeyVerifier;
import dev.agentlab.security.OidcUser;
import dev.agentlab.vault.Vault;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The sessions of browsers. Safe for all threads.
///
/// Every method blocks, and throws [dev.agentlab.errors.UnavailableException] while the database is
/// unavailable.
public interface Sessions {

  /// The longest duration of a session.
  Duration MAX_LIFETIME = Duration.ofHours(12);

  /// The longest duration of a session of a user whose rights cannot be refreshed.
  Duration MAX_LIFETIME_WITHOUT_REFRESH = Duration.ofHours(1);

  /// How long a sign-in link can be used.
  Duration LINK_LIFETIME = Duration.ofMinutes(10);

  /// The sessions in PostgreSQL.
  ///
  /// @param changes the change feed, which is notified of changes
  /// @param keys authenticates the API keys that own sessions
  /// @param audit records sign-ins, sign-outs and links
  static Sessions of(
      Database database,
      ChangeFeed changes,
      Vault vault,
      KeyVerifier keys,
      SessionAuthenticator authenticator,
      AuditTrail audit) {
    return new PostgresSessions(database, changes, vault, keys, authenticator, audit);
  }

  /// A session that has started.
  ///
  /// @param token the value of the session cookie
  record NewSession(Secret token, Caller caller, Instant expiresAt) {}

  /// Starts a session of an API key.
  ///
  /// @throws SessionException.Rejected if the key is not valid
  NewSession startWithKey(Secret key);

  /// Starts a session of the API key that made a link, which can be used once.
  ///
  /// @param link the token of the link
  /// @throws SessionException.Rejected if the link was used, has expired or never existed, or its
  ///   key is not valid any more
  NewSession startWithLink(Secret link);

  /// Starts a session of a user whom the identity provider has signed in.
  NewSession startWithUser(OidcUser user);

  /// The latest end of a session; empty if there is no session with the token.
  Optional<Instant> expiresAt(Secret token);

  /// The API key that owns a session; empty if there is no session with the token, or a user owns
  /// it.
  Optional<KeyReference> keyOf(Secret token);

  /// Ends a session: in this process at once, on every replica within a second. No effect if there
  /// is none.
  void end(Secret token);

  /// Creates a sign-in link.
  ///
  /// @param key the owner of the session that the link starts
  /// @param origin the origin at which the browser reaches the service
  /// @throws SessionException.WithoutKey if the key is not valid
  SignInLink createLink(KeyReference key, String origin);

  /// Deletes sessions and links that have ended.
  ///
  /// @return the number of deleted sessions and links
  int sweep();
}
