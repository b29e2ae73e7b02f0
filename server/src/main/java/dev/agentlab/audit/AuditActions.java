package dev.agentlab.audit;

import java.util.List;
import java.util.stream.Stream;

/// The actions and kinds of the audit trail: closed lists, so that a filter by another value is an
/// error.
public final class AuditActions {
  /// The actions: the kind of the resource and the change, as in `provider.created`.
  public static final List<String> ALL =
      Stream.of(
              of("provider", "created", "replaced", "deleted"),
              of("agent", "created", "replaced", "restored", "deleted"),
              of("route", "created", "replaced", "restored", "deleted"),
              of("key", "created", "rotated", "revoked"),
              of("session", "created", "deleted"),
              of("link", "created"),
              of("secrets", "rotated"))
          .flatMap(List::stream)
          .toList();

  /// The kinds of resources.
  public static final List<String> KINDS =
      ALL.stream().map(action -> action.substring(0, action.indexOf('.'))).distinct().toList();

  private AuditActions() {}

  private static List<String> of(String kind, String... changes) {
    return Stream.of(changes).map(it -> kind + "." + it).toList();
  }
}
