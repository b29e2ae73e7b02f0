package dev.agentlab.http;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Scope;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// Who is let in to what.
final class AccessControl {
  private AccessControl() {}

  /// An answer found out on a thread that may wait; throws what went wrong when it is asked for.
  static <T> Supplier<T> settled(Supplier<T> question) {
    try {
      T answer = question.get();
      return () -> answer;
    } catch (RuntimeException e) {
      return () -> {
        throw e;
      };
    } catch (Error e) {
      // Or the request would never be answered, and count as in flight for ever.
      return () -> {
        throw new IllegalStateException("it cannot be found out who calls", e);
      };
    }
  }

  /// Passes a request on that needs no credential. Where callers need not show anything, a page of
  /// a stranger could have a browser of this machine send a form here, for which the browser asks
  /// nobody's leave.
  ///
  /// @throws Refusal if it would change something and comes from a page of another origin
  static RequestHead ofOwnPage(RequestHead head, Optional<CorsHeaders> cors) {
    String origin = head.request().getHeader(HttpHeaders.ORIGIN);
    if (origin == null || head.method().equals(Optional.of(Method.GET))) {
      return head;
    }
    String host = head.request().getHeader(HttpHeaders.HOST);
    boolean own = origin.equals("http://" + host) || origin.equals("https://" + host);
    if (!own && cors.filter(allowed -> allowed.allows(origin)).isEmpty()) {
      throw RequestRejectedException.of(
          ProblemType.FORBIDDEN,
          "a page of another origin changes nothing here without a key of its own; if it may, add"
              + " the origin to those that CORS allows");
    }
    return head;
  }

  /// The caller that was found out.
  ///
  /// @throws Refusal if there is none
  static Caller of(AuthenticationResult told) {
    return switch (told) {
      case AuthenticationResult.Accepted(Caller caller) -> caller;
      case AuthenticationResult.Refused(String detail) ->
          throw RequestCredential.unauthenticated(detail);
      case AuthenticationResult.Undecided _ -> throw new IllegalStateException("still not known");
    };
  }

  /// Whether the caller may call the route.
  sealed interface Permission {
    /// They may.
    record Granted() implements Permission {}

    /// They may if the path names the one agent they may run, whose id has to be looked up.
    record ForAgent(Supplier<Optional<UUID>> lookUp) implements Permission {}
  }

  /// @param pathValues of the path's parameters, in the order of the path
  /// @throws Refusal if they may not
  static Permission of(Caller caller, Endpoint endpoint, List<String> pathValues) {
    Scope scope = endpoint.route().scope();
    // Most may do it with every agent; then the path need not be read.
    if (caller.grants().allow(scope, Optional.empty())) {
      return new Permission.Granted();
    }
    Optional<Route.AgentOfPath> agent = endpoint.route().agent();
    if (agent.isEmpty() || !caller.grants().allowSome(scope)) {
      throw forbidden(endpoint, pathValues);
    }
    return switch (agent.get().parameter().read(agentText(endpoint, pathValues))) {
      case IdOrName.Id(UUID id) -> {
        require(caller, endpoint, pathValues, Optional.of(id));
        yield new Permission.Granted();
      }
      case IdOrName.Name name -> new Permission.ForAgent(() -> agent.get().idOf().apply(name));
    };
  }

  /// The path's values for a caller who may run the agent that was looked up. Its id is in the
  /// place of its name, which could be another agent's by the time the handler runs.
  ///
  /// @throws Refusal if they may not, or there is no such agent, which only those are told who may
  ///   run them all
  static List<String> forAgent(
      Caller caller, Endpoint endpoint, List<String> pathValues, Optional<UUID> agent) {
    require(caller, endpoint, pathValues, agent);
    List<String> values = new ArrayList<>(pathValues);
    values.set(agentIndex(endpoint), agent.orElseThrow().toString());
    return List.copyOf(values);
  }

  private static void require(
      Caller caller, Endpoint endpoint, List<String> pathValues, Optional<UUID> agent) {
    if (agent.isEmpty() || !caller.grants().allow(endpoint.route().scope(), agent)) {
      throw forbidden(endpoint, pathValues);
    }
  }

  private static RequestRejectedException forbidden(Endpoint endpoint, List<String> pathValues) {
    Scope scope = endpoint.route().scope();
    String orForOne =
        endpoint.route().agent().isPresent()
            ? " or %s:%s".formatted(scope, Excerpt.of(agentText(endpoint, pathValues)))
            : "";
    return RequestRejectedException.of(
        ProblemType.FORBIDDEN,
        "this needs the scope %s%s, which the caller does not have".formatted(scope, orForOne));
  }

  private static String agentText(Endpoint endpoint, List<String> pathValues) {
    return pathValues.get(agentIndex(endpoint));
  }

  private static int agentIndex(Endpoint endpoint) {
    String name = endpoint.route().agent().orElseThrow().parameter().name();
    return endpoint.pathNames().indexOf(name);
  }
}
