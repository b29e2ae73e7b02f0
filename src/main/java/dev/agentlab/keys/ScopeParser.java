package dev.agentlab.keys;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Grant;
import dev.agentlab.security.Grants;
import dev.agentlab.security.Scope;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Reads the scopes a key is to have.
record ScopeParser(AgentLookup agents) {
  private static final String INVOKE_ONE = Scope.INVOKE + ":";
  static final int MAX_SCOPES = 200;

  /// @throws InvalidInputException naming each that is none
  Grants read(List<String> texts) {
    FieldErrors faults = new FieldErrors();
    if (texts.isEmpty() || texts.size() > MAX_SCOPES) {
      faults.add("scopes", "must be 1 to %d scopes".formatted(MAX_SCOPES));
      faults.refuse();
    }
    Set<Grant> grants = new LinkedHashSet<>();
    for (int i = 0; i < texts.size(); i++) {
      String field = "scopes[%d]".formatted(i);
      String text = texts.get(i);
      faults.noting(() -> one(field, text)).ifPresent(grants::add);
    }
    faults.refuse();
    return Grants.of(grants);
  }

  private Grant one(String field, String text) {
    if (!text.startsWith(INVOKE_ONE)) {
      return Grant.parse(field, text);
    }
    String agent = text.substring(INVOKE_ONE.length());
    UUID id =
        agents
            .of(IdOrName.of(agent))
            .orElseThrow(() ->
                new InvalidInputException(
                    field, "there is no agent '%s'".formatted(Excerpt.of(agent))));
    return Grant.invoking(id);
  }

  /// @throws KeyException.TooWide if the caller may not do all that a key is to allow
  static void requireWithin(Caller maker, Grants grants) {
    if (!maker.grants().cover(grants)) {
      throw new KeyException.TooWide(
          Grants.of(
              grants.all().stream()
                  .filter(it -> !maker.grants().cover(new Grants(Set.of(it))))
                  .collect(Collectors.toSet())));
    }
  }
}
