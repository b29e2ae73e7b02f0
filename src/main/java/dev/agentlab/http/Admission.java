package dev.agentlab.http;

import dev.agentlab.access.Authentication;
import dev.agentlab.access.Caller;
import dev.agentlab.access.Scope;
import dev.agentlab.errors.InvalidInputException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Who is let in to what.
final class Admission {
  private Admission() {}

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
