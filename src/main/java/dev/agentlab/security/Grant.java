package dev.agentlab.security;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// One thing a caller may do; as text `providers:read`, or `invoke:<id>` for one agent only.
///
/// @param agent the one agent it is for; empty for all that the scope is about
public record Grant(Scope scope, Optional<UUID> agent) {
  private static final String INVOKE_ONE = Scope.INVOKE + ":";

  public Grant {
    if (!scope.isGranted()) {
      throw new IllegalArgumentException("what is " + scope + " needs no grant");
    }
    if (agent.isPresent() && scope != Scope.INVOKE) {
      throw new IllegalArgumentException(scope + " is not for one agent");
    }
  }

  /// All that a scope is about.
  public static Grant of(Scope scope) {
    return new Grant(scope, Optional.empty());
  }

  /// To run one agent.
  public static Grant invoking(UUID agent) {
    return new Grant(Scope.INVOKE, Optional.of(agent));
  }

  /// A grant as its text says it.
  ///
  /// @param field where the text stands, for the error
  /// @throws InvalidInputException if it is no grant
  public static Grant parse(String field, String text) {
    for (Scope scope : Scope.values()) {
      if (scope.isGranted() && scope.toString().equals(text)) {
        return of(scope);
      }
    }
    if (text.startsWith(INVOKE_ONE)) {
      return IdOrName.uuid(text.substring(INVOKE_ONE.length()))
          .map(Grant::invoking)
          .orElseThrow(
              () -> new InvalidInputException(field, "after invoke: stands the id of an agent"));
    }
    throw new InvalidInputException(
        field,
        "no scope \"%s\"; %s".formatted(Excerpt.of(text), Spelling.hint(text, "known", known())));
  }

  private static List<String> known() {
    return Stream.concat(
            Arrays.stream(Scope.values()).filter(Scope::isGranted).map(Scope::toString),
            Stream.of(INVOKE_ONE + "<agent name or id>"))
        .toList();
  }

  /// Whether whoever has this grant may do all that the other allows.
  boolean covers(Grant other) {
    return scope == other.scope && (agent.isEmpty() || agent.equals(other.agent));
  }

  @Override
  public String toString() {
    return agent.map(id -> INVOKE_ONE + id).orElseGet(scope::toString);
  }
}
