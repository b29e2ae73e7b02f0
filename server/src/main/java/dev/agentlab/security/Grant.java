package dev.agentlab.security;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.net.Uuids;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// A scope that a caller has, optionally restricted to one agent. The text form is the scope, as in
/// `providers:read`, or `invoke:<id>` for one agent.
///
/// @param agent the agent that the scope is restricted to; empty for an unrestricted scope
public record Grant(Scope scope, Optional<UUID> agent) {
  private static final String INVOKE_PREFIX = Scope.INVOKE + ":";

  public Grant {
    if (!scope.isGrantable()) {
      throw new IllegalArgumentException("the scope " + scope + " cannot be granted");
    }
    if (agent.isPresent() && scope != Scope.INVOKE) {
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

  /// Parses the text form of a grant.
  ///
  /// @param field the field name of the text, for the error
  /// @throws InvalidInputException if the text is invalid
  public static Grant parse(String field, String text) {
    for (Scope scope : Scope.values()) {
      if (scope.isGrantable() && scope.toString().equals(text)) {
        return of(scope);
      }
    }
    if (text.startsWith(INVOKE_PREFIX)) {
      return Uuids.parse(text.substring(INVOKE_PREFIX.length()))
          .map(Grant::invoke)
          .orElseThrow(
              () -> new InvalidInputException(field, "must have the id of an agent after invoke:"));
    }
    throw new InvalidInputException(
        field,
        "is not a scope: \"%s\"; %s"
            .formatted(Excerpt.of(text), Spelling.hint(text, "known scopes", acceptedTexts())));
  }

  private static List<String> acceptedTexts() {
    return Stream.concat(
            Arrays.stream(Scope.values()).filter(Scope::isGrantable).map(Scope::toString),
            Stream.of(INVOKE_PREFIX + "<agent name or id>"))
        .toList();
  }

  /// Whether this grant includes the other.
  boolean covers(Grant other) {
    return scope == other.scope && (agent.isEmpty() || agent.equals(other.agent));
  }

  @Override
  public String toString() {
    return agent.map(id -> INVOKE_PREFIX + id).orElseGet(scope::toString);
  }
}
