package dev.agentlab.http;

import dev.agentlab.access.Authentication;
import dev.agentlab.access.Authenticator;
import dev.agentlab.access.Caller;
import dev.agentlab.access.Scope;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.secrets.Secret;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// Who is let in to what.
final class Admission {
  private Admission() {}

  /// What a credential comes to, found out on a thread that may wait; throws what went wrong when
  /// it is asked for.
  static Supplier<Authentication> verified(Authenticator authenticator, Secret credential) {
    try {
      Authentication told = authenticator.verify(credential);
      return () -> told;
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
  static Head ofOwnPage(Head head, Optional<CorsHeaders> cors) {
    String origin = head.request().getHeader(HttpHeaders.ORIGIN);
    if (origin == null || head.method().equals(Optional.of(Method.GET))) {
      return head;
    }
    String host = head.request().getHeader(HttpHeaders.HOST);
    boolean own = origin.equals("http://" + host) || origin.equals("https://" + host);
    if (!own && cors.filter(allowed -> allowed.allows(origin)).isEmpty()) {
      throw Refusal.of(
          ProblemType.FORBIDDEN,
          "a page of another origin changes nothing here without a key of its own; if it may, add"
              + " the origin to those that CORS allows");
    }
    return head;
  }

  /// The caller that was found out.
  ///
  /// @throws Refusal if there is none
  static Caller of(Authentication told) {
    return switch (told) {
      case Authentication.Accepted(Caller caller) -> caller;
      case Authentication.Refused(String detail) -> throw Credential.unauthenticated(detail);
      case Authentication.Undecided _ -> throw new IllegalStateException("still not known");
    };
  }

  /// The caller again, who may call the route.
  ///
  /// @param pathValues of the path's parameters, in the order of the path
  /// @throws Refusal if they may not
  static Caller allowed(Caller caller, Endpoint endpoint, List<String> pathValues) {
    Scope scope = endpoint.route().scope();
    // Most may do it with every agent; then the path need not be read.
    if (caller.grants().allow(scope, Optional.empty())) {
      return caller;
    }
    Optional<UUID> agent = agent(endpoint, pathValues);
    if (agent.isPresent() && caller.grants().allow(scope, agent)) {
      return caller;
    }
    throw Refusal.of(
        ProblemType.FORBIDDEN,
        "this needs the scope %s%s, which the caller does not have"
            .formatted(scope, agent.map(id -> " or %s:%s".formatted(scope, id)).orElse("")));
  }

  private static Optional<UUID> agent(Endpoint endpoint, List<String> pathValues) {
    try {
      return endpoint
          .route()
          .agent()
          .map(it -> it.read(pathValues.get(endpoint.pathNames().indexOf(it.name()))));
    } catch (InvalidInputException _) {
      // No agent has such an id, and who may run them all is told so.
      return Optional.empty();
    }
  }
}
