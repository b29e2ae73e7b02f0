package dev.agentlab.security;

import java.util.Optional;
import java.util.UUID;

/// A scope that a caller has, optionally restricted to one agent. The text form is the scope, as in
/// `providers:read`, or `invoke:<id>` for one agent; [GrantableScopes] parses it.
///
/// @param agent the agent that the scope is restricted to; empty for an unrestricted scope
public record Grant(Scope scope, Optional<UUID> agent) {
  private static final String INVOKE_PREFIX = Scope.INVOKE + ":";

  public Grant {
    if (!scope.isGrantable()) {
      throw new IllegalArgumentException("the scope " + scope + " cannot be granted");
    }
    if (agent.isPresent() && !scope.equals(Scope.INVOKE)) {
      throw new IllegalArgumentException(
          "the scope " + scope + " cannot be restricted to one agent");
    }
  }

  /// Creates an unrestricted grant of a scope.
  public static Grant of(Scope scope) {
    return new Grant(scope, Optional.empty());
  }

  /// Creates a grant to run one agent.
  public static Grant invoke(UUID agent) {
    return new Grant(Scope.INVOKE, Optional.of(agent));
  }

  /// Whether this grant includes the other.
  boolean covers(Grant other) {
    return scope.equals(other.scope) && (agent.isEmpty() || agent.equals(other.agent));
  }

  @Override
  public String toString() {
    return agent.map(id -> INVOKE_PREFIX + id).orElseGet(scope::toString);
  }
}
