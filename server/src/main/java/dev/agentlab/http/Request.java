package dev.agentlab.http;

import dev.agentlab.eventloop.EventLoop;
import dev.agentlab.security.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// One request, validated against its route, as passed to the handler.
///
/// @param <B> the type of the body; [Void] for a route that accepts none
public interface Request<B> {

  /// The body.
  ///
  /// @throws IllegalStateException if the route accepts no body
  B body();

  /// Reads a path parameter.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if its text is invalid
  /// @throws IllegalStateException if the route does not declare it
  <T> T path(Param<T> parameter);

  /// Reads a query parameter or header; empty if the request does not have it.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if its text is invalid
  /// @throws IllegalStateException if the route does not declare it
  <T> Optional<T> optional(Param<T> parameter);

  /// Reads a repeatable query parameter; none if the request does not have it.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if a text is invalid
  /// @throws IllegalStateException if the route does not declare it
  <T> List<T> all(Param<T> parameter);

  /// The header fields with certain names, by name in lower case; the values of a repeated field
  /// are joined with commas.
  Map<String, String> headers(Predicate<String> isWanted);

  /// The method; `HEAD` for a request that a `GET` route handles without its body.
  String method();

  /// The undecoded path, which begins with a slash.
  String rawPath();

  /// The undecoded query; empty if there is none.
  String rawQuery();

  /// The id of the request, as in the log.
  String id();

  /// The authenticated caller; [Caller#ANYONE] on an open route.
  Caller caller();

  /// The credential that authenticated the caller; empty if none was required.
  Optional<RequestCredential> credential();

  /// The origin at which the client reaches the service, such as `https://lab.example.org`.
  String origin();

  /// The cookie of this service with a name, or its absence.
  HostCookie cookie(String name);

  /// The event loop of the connection.
  EventLoop loop();

  /// Additional fields of the access log line of the request.
  LogFields logFields();

  /// Reserves memory for handling the request, in addition to that of its body, until the response
  /// is ready.
  ///
  /// @throws RequestRejectedException if it exceeds the available memory or the whole budget
  void reserveMemory(long bytes);

  /// Registers an action to run if the client disconnects, or its API key expires or is revoked,
  /// before the handler returns. Use it to cancel work. The action runs at most once, on its own
  /// virtual thread concurrently with the handler; immediately if the event has already happened,
  /// and never after the handler has returned. If the handler throws after the key has ended, the
  /// response is a 401.
  ///
  /// The handler itself is not interrupted: an interrupt during a commit would leave its outcome
  /// unknown.
  void onCancel(Runnable action);
}
