package dev.agentlab.keys;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.security.Grant;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.GrantableScopes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Parses the scopes of a new API key.
///
/// @param known the scopes that a key can have
record ScopeParser(GrantableScopes known, AgentLookup agents, RouteIdLookup routes) {
  static final int MAX_SCOPES = 200;

  /// Parses scopes.
  ///
  /// @throws InvalidInputException with an error for each invalid scope
  GrantSet parse(List<String> texts) {
    FieldErrors errors = new FieldErrors();
    if (texts.isEmpty() || texts.size() > MAX_SCOPES) {
      errors.add("scopes", "must have 1 to %d scopes, had %d".formatted(MAX_SCOPES, texts.size()));
      errors.throwIfAny();
    }
    Set<Grant> grants = new LinkedHashSet<>();
    for (int i = 0; i < texts.size(); i++) {
      String field = "scopes[%d]".formatted(i);
      String text = texts.get(i);
      errors.collect(() -> parseOne(field, text)).ifPresent(grants::add);
    }
    errors.throwIfAny();
    return GrantSet.of(grants);
  }

  private Grant parseOne(String field, String text) {
    return known.parse(
        field,
        text,
        agent ->
            agents.findId(IdOrName.parse(agent)).orElseThrow(() -> notFound(field, "agent", agent)),
        route ->
            routes
                .findId(IdOrName.parse(route))
                .orElseThrow(() -> notFound(field, "route", route)));
  }

  private static InvalidInputException notFound(String field, String kind, String named) {
    return new InvalidInputException(
        field,
        "no %s has the id or name \"%s\"; accepted forms are %s"
            .formatted(kind, Excerpt.of(named), String.join(", ", GrantableScopes.INVOKE_FORMS)));
  }
}
