package dev.agentlab.sessions;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.security.AuthenticationResult;
import dev.agentlab.security.Caller;
import dev.agentlab.security.Grant;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.GrantableScopes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// An authentic session in memory, to authenticate callers.
///
/// @param user the result for a session of a user of the identity provider; empty if an API key
///   owns the session
record ActiveSession(SessionRow row, Optional<AuthenticationResult> user) {

  static ActiveSession of(SessionRow row, GrantableScopes scopes) {
    return new ActiveSession(
        row,
        switch (row.owner()) {
          case SessionOwner.OfKey _ -> Optional.empty();
          case SessionOwner.OfUser owner ->
              Optional.of(
                  new AuthenticationResult.Accepted(
                      new Caller(
                          Caller.Kind.TOKEN,
                          owner.subject(),
                          owner.name(),
                          grants(owner.scopes(), scopes))));
        });
  }

  private static GrantSet grants(List<String> texts, GrantableScopes known) {
    return GrantSet.of(texts.stream().flatMap(text -> grant(text, known)).toList());
  }

  private static Stream<Grant> grant(String text, GrantableScopes known) {
    try {
      return Stream.of(known.parse("scopes", text));
    } catch (InvalidInputException _) {
      // A scope of a later release, which this release ignores.
      return Stream.of();
    }
  }
}
