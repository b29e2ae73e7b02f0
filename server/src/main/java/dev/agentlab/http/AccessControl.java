package dev.agentlab.http;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// Authorization of requests: maps an authentication result to a caller and checks that the caller
/// may use a route.
final class AccessControl {
  private AccessControl() {}

  /// Runs a blocking computation and returns its outcome as a supplier, which returns the value or
  /// throws the failure.
  static <T> Supplier<T> capture(Supplier<T> computation) {
    try {
      T result = computation.get();
      return () -> result;
    } catch (RuntimeException e) {
      return () -> {
        throw e;
      };
    } catch (Error e) {
      // Otherwise the request would never get a response and would stay in flight forever.
      return () -> {
        throw new IllegalStateException("authentication or authorization failed unexpectedly", e);
      };
    }
  }

  /// Returns the authenticated caller.
  ///
  /// @throws RequestRejectedException if authentication failed
  static Caller check(AuthenticationResult result) {
    return switch (result) {
      case AuthenticationResult.Accepted(Caller caller) -> caller;
      case AuthenticationResult.Refused(String detail) ->
          throw RequestCredential.unauthenticated(detail);
      case AuthenticationResult.Undecided _ ->
          throw new IllegalStateException("authentication is undecided");
    };
  }

  /// The outcome of an authorization check that did not fail.
  sealed interface Permission {
    /// The caller may use the route.
    record Granted() implements Permission {}

    /// The caller may use the route if the path names an agent that the caller may run. The path
    /// has the name of the agent, and its id has to be looked up.
    ///
    /// @param lookUp returns the id of the agent; may block
    record AgentLookup(Supplier<Optional<UUID>> lookUp) implements Permission {}
  }

  /// Checks whether a caller may use a route.
  ///
  /// @param pathValues the values of the path parameters, in path order
  /// @throws RequestRejectedException if the caller may not
  static Permission check(Caller caller, Endpoint endpoint, List<String> pathValues) {
    Scope scope = endpoint.route().scope();
    // Most callers may use all agents; then there is no need to parse the path.
    if (caller.grants().allows(scope)) {
      return new Permission.Granted();
    }
    if (endpoint.route().checksTarget() && caller.grants().allowsInPart(scope)) {
      return new Permission.Granted();
    }
    Optional<Route.AgentParameter> agent = endpoint.route().agent();
    if (agent.isEmpty() || !scope.equals(Scope.INVOKE) || !caller.grants().allowsSomeAgent()) {
      throw forbidden(endpoint, pathValues);
    }
    return switch (agent.get().parameter().read(agentText(endpoint, pathValues))) {
      case IdOrName.Id(UUID id) -> {
        requireGrant(caller, endpoint, pathValues, Optional.of(id));
        yield new Permission.Granted();
      }
      case IdOrName.Name name ->
          new Permission.AgentLookup(() -> agent.get().lookUpId().apply(name));
    };
  }

  /// Returns the path values for a caller who may run the agent that was looked up. The id of the
  /// agent replaces its name, because another agent could have the name by the time the handler
  /// runs.
  ///
  /// @param agent the id of the agent; empty if there is no such agent
  /// @throws RequestRejectedException if the caller may not run the agent or there is no such
  ///   agent; both give the same problem, so that callers without access cannot probe for names
  static List<String> authorizeAgent(
      Caller caller, Endpoint endpoint, List<String> pathValues, Optional<UUID> agent) {
    requireGrant(caller, endpoint, pathValues, agent);
    List<String> values = new ArrayList<>(pathValues);
    values.set(agentIndex(endpoint), agent.orElseThrow().toString());
    return List.copyOf(values);
  }

  private static void requireGrant(
      Caller caller, Endpoint endpoint, List<String> pathValues, Optional<UUID> agent) {
    if (agent.isEmpty() || !caller.grants().allowsAgent(agent.get())) {
      throw forbidden(endpoint, pathValues);
    }
  }

  private static RequestRejectedException forbidden(Endpoint endpoint, List<String> pathValues) {
    Scope scope = endpoint.route().scope();
    String agentScope =
        endpoint.route().agent().isPresent()
            ? " or %s:%s".formatted(scope, Excerpt.of(agentText(endpoint, pathValues)))
            : "";
    return RequestRejectedException.of(
        ProblemType.FORBIDDEN,
        "the scope %s%s is required, which the caller does not have".formatted(scope, agentScope));
  }

  private static String agentText(Endpoint endpoint, List<String> pathValues) {
    return pathValues.get(agentIndex(endpoint));
  }

  private static int agentIndex(Endpoint endpoint) {
    String name = endpoint.route().agent().orElseThrow().parameter().name();
    return endpoint.pathNames().indexOf(name);
  }
}
