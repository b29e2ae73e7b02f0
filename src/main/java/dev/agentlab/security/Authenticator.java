package dev.agentlab.security;

import dev.agentlab.secrets.Secret;

/// Finds out whom a credential belongs to. Safe for all threads.
public interface Authenticator {

  /// Lets everyone do everything, whatever they show: for a service that only its own machine
  /// reaches.
  static Authenticator off() {
    return new AnonymousAuthenticator();
  }

  /// What is known without waiting: it is asked on an event loop and must neither block nor compute
  /// for long.
  ///
  /// @param credential as the caller sent it: any text
  AuthenticationResult check(Secret credential);

  /// What is known for certain, after a [AuthenticationResult.Undecided]; may block.
  ///
  /// @return never [AuthenticationResult.Undecided]
  /// @throws dev.agentlab.errors.UnavailableException if it cannot be found out now
  AuthenticationResult verify(Secret credential);

  /// Whom a request comes from that shows nothing.
  default AuthenticationResult withoutCredential() {
    return new AuthenticationResult.Refused(
        "give an API key as 'Authorization: Bearer agl_…'; without one only what is open answers");
  }
}
