package dev.agentlab.security;

/// What showing a credential comes to.
public sealed interface AuthenticationResult {

  /// It is somebody's.
  record Accepted(Caller caller) implements AuthenticationResult {}

  /// It lets nobody in.
  ///
  /// @param detail for the caller: helps whoever has the right one, and nobody who guesses
  record Refused(String detail) implements AuthenticationResult {}

  /// It takes waiting to find out: [Authenticator#verify].
  record Undecided() implements AuthenticationResult {}
}
