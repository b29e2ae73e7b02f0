package dev.agentlab.security;

import dev.agentlab.secrets.Secret;

/// Authenticates callers by their credential. Safe for all threads.
public interface Authenticator {

  /// Creates an authenticator that accepts every request, for a service that is only reachable from
  /// its own machine.
  ///
  /// @param grants the grants of every caller
  static Authenticator disabled(GrantSet grants) {
    return new AnonymousAuthenticator(grants);
  }

  /// Authenticates a credential without blocking. Runs on an event loop, so it must neither block
  /// nor compute for long.
  ///
  /// @param credential any text that the caller sent
  AuthenticationResult check(Secret credential);

  /// Authenticates a credential for which [#check] returned [AuthenticationResult.Undecided]. May
  /// block.
  ///
  /// @return never [AuthenticationResult.Undecided]
  /// @throws dev.agentlab.errors.UnavailableException if the result cannot be determined now
  AuthenticationResult verify(Secret credential);

  /// The result for a request without a credential.
  default AuthenticationResult resultWithoutCredential() {
    return new AuthenticationResult.Refused(
        "provide an API key in the header 'Authorization: Bearer agl_…'; only public routes do not require one");
  }
}
