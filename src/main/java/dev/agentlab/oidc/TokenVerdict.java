package dev.agentlab.oidc;

import dev.agentlab.access.Caller;

/// What showing a token comes to.
public sealed interface TokenVerdict {

  /// It is somebody's, now.
  record Accepted(Caller caller) implements TokenVerdict {}

  /// It lets nobody in.
  ///
  /// @param detail what is wrong with it, for the caller; repeats nothing of the token
  record Refused(String detail) implements TokenVerdict {}

  /// Its signature has to be checked first: [Tokens#verify].
  record Undecided() implements TokenVerdict {}
}
