package dev.agentlab.security;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.net.Uuids;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The scopes that can be granted: those of all features. Immutable.
///
/// @param all in the order in which an error lists them
public record GrantableScopes(List<Scope> all) {
  private static final String INVOKE_PREFIX = Scope.INVOKE + ":";

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

  /// Parses the text form of a grant.
  ///
  /// @param field the field name of the text, for the error
  /// @throws InvalidInputException if the text is not that of a grant of one of these scopes
  public Grant parse(String field, String text) {
    for (Scope scope : all) {
      if (scope.text().equals(text)) {
        return Grant.of(scope);
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

  private List<String> acceptedTexts() {
    return Stream.concat(
            all.stream().map(Scope::text), Stream.of(INVOKE_PREFIX + "<agent name or id>"))
        .toList();
  }
}
