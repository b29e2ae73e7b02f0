package dev.agentlab.security;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.net.Uuids;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The scopes that can be granted: those of all features. Immutable.
///
/// @param all in the order in which an error lists them
public record GrantableScopes(List<Scope> all) {

  /// The text forms of a grant of [Scope#INVOKE] with a restriction, for errors.
  public static final List<String> INVOKE_FORMS = GrantParser.INVOKE_FORMS;

  /// @throws IllegalArgumentException if a scope cannot be granted
  public GrantableScopes {
    all = all.stream().distinct().toList();
    for (Scope scope : all) {
      if (!scope.isGrantable()) {
        throw new IllegalArgumentException("the scope " + scope + " cannot be granted");
      }
    }
  }

  /// Grants of all scopes.
  public GrantSet allGrants() {
    return new GrantSet(all.stream().map(Grant::of).collect(Collectors.toSet()));
  }

  /// Parses the text form of a grant, in which an agent or a route has its id.
  ///
  /// @param field the field name of the text, for the error
  /// @throws InvalidInputException if the text is not that of a grant of one of these scopes
  public Grant parse(String field, String text) {
    return parse(
        field,
        text,
        agent -> parseId(field, agent, "an agent after invoke: or invoke:agent/"),
        route -> parseId(field, route, "a route after invoke:route/"));
  }

  /// Parses the text form of a grant.
  ///
  /// @param field the field name of the text, for the error
  /// @param agentId returns the id of the agent that a part of the text names, or throws
  ///   [InvalidInputException]
  /// @param routeId as `agentId`, for a model route
  /// @throws InvalidInputException if the text is not that of a grant of one of these scopes
  public Grant parse(
      String field, String text, Function<String, UUID> agentId, Function<String, UUID> routeId) {
    return new GrantParser(all, field, agentId, routeId).parse(text);
  }

  private static UUID parseId(String field, String id, String place) {
    return Uuids.parse(id)
        .orElseThrow(() -> new InvalidInputException(field, "must have the id of " + place));
  }
}
