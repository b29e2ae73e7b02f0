package dev.agentlab.access;

/// What showing a credential comes to.
public sealed interface Authentication {

  /// It is somebody's.
  record Accepted(Caller caller) implements Authentication {}

  /// It lets nobody in.
  ///
  /// @param detail for the caller: helps whoever has the right one, and nobody who guesses
  record Refused(String detail) implements Authentication {}

  /// It takes waiting to find out: [Authenticator#verify].
  record Undecided() implements Authentication {}
}
