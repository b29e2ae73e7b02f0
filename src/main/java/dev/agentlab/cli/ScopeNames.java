package dev.agentlab.cli;

import dev.agentlab.security.Grant;
import dev.agentlab.security.Grants;
import java.util.Iterator;
import java.util.stream.Stream;

/// What a key may be given, for completion and help. The service knows best what there is.
final class ScopeNames implements Iterable<String> {
  /// Stands for all that the maker of a key has.
  static final String ALL = "all";

  @Override
  public Iterator<String> iterator() {
    Stream<String> scopes =
        Grants.EVERYTHING.all().stream().map(Grant::scope).sorted().map(Object::toString);
    return Stream.concat(scopes, Stream.of("invoke:AGENT", ALL)).iterator();
  }
}
