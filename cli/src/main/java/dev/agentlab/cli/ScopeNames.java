package dev.agentlab.cli;

import dev.agentlab.security.Grant;
import dev.agentlab.security.GrantSet;
import java.util.Iterator;
import java.util.stream.Stream;

/// The scope names for completion and help. The service validates the scopes.
final class ScopeNames implements Iterable<String> {
  /// Grants all scopes of the creator of a key.
  static final String ALL = "all";

  @Override
  public Iterator<String> iterator() {
    Stream<String> scopes =
        GrantSet.EVERYTHING.all().stream().map(Grant::scope).sorted().map(Object::toString);
    return Stream.concat(scopes, Stream.of("invoke:AGENT", ALL)).iterator();
  }
}
