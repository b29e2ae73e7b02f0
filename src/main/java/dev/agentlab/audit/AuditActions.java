package dev.agentlab.audit;

import java.util.List;
import java.util.stream.Stream;

/// What the trail records: a closed list, so that a filter by something else is an error.
public final class AuditActions {
  /// The actions, each the kind of what was changed and what was done to it.
  public static final List<String> ALL =
      Stream.of(
              of("provider", "created", "replaced", "deleted"),
              of("agent", "created", "replaced", "restored", "deleted"),
              of("key", "created", "rotated", "revoked"),
              of("secrets", "rotated"))
          .flatMap(List::stream)
          .toList();

  /// The kinds of what is changed.
  public static final List<String> KINDS =
      ALL.stream().map(action -> action.substring(0, action.indexOf('.'))).distinct().toList();

  private AuditActions() {}

  private static List<String> of(String kind, String... done) {
    return Stream.of(done).map(it -> kind + "." + it).toList();
  }
}
