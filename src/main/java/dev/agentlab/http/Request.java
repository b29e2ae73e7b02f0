package dev.agentlab.http;

import dev.agentlab.security.Caller;
import java.util.Optional;

/// One request as a handler sees it: checked against its route before the handler runs.
///
/// @param <B> the body's type; [Void] for a route that takes none
public interface Request<B> {

  /// The body, read strictly.
  ///
  /// @throws IllegalStateException on a route that takes none
  B body();

  /// A path parameter.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if its text is not of its type
  /// @throws IllegalStateException if the route does not declare it
  <T> T path(Param<T> parameter);

  /// A query parameter or header; empty when the request has none.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if its text is not of its type
  /// @throws IllegalStateException if the route does not declare it
  <T> Optional<T> optional(Param<T> parameter);

  /// Who calls; [Caller#ANYONE] on a route that is open.
  Caller caller();

  /// Fields for the log line of the request.
  LogFields logFields();

  /// Runs something should the caller leave, or its key end, before it has its answer: to end work
  /// that nobody waits for any more. It runs at most once, on a virtual thread of its own beside
  /// the handler; at once if that was before, and never once the handler has returned. Whatever a
  /// handler throws after its caller's key has ended is answered with a 401.
  ///
  /// The handler itself is not interrupted: an interrupt in the middle of a commit would leave the
  /// outcome unknown.
  void whenLeft(Runnable action);
}
