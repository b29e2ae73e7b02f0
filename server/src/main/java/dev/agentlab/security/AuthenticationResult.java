package dev.agentlab.security;

/// The result of authenticating a credential.
public sealed interface AuthenticationResult {

  /// The credential is valid.
  record Accepted(Caller caller) implements AuthenticationResult {}

  /// The credential is invalid.
  ///
  /// @param detail the reason, for the caller; must not help to guess a credential
  record Refused(String detail) implements AuthenticationResult {}

  /// The result requires a blocking call of [Authenticator#verify].
  record Undecided() implements AuthenticationResult {}
}
