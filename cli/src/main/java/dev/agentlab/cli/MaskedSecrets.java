package dev.agentlab.cli;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Masked secrets in responses of the service. An update that omits a secret keeps it.
final class MaskedSecrets {
  private static final Set<String> MEMBERS = Set.of("set", "hint", "updated_at", "env", "file");

  private MaskedSecrets() {}

  /// Whether a value is or contains, at any depth, a masked secret.
  static boolean containsMasked(JsonNode value) {
    return isMasked(value) || value.valueStream().anyMatch(MaskedSecrets::containsMasked);
  }

  /// Removes masked secrets. A list that contains one is removed, because the service can keep such
  /// a secret only together with the whole list.
  static void removeFrom(ObjectNode options) {
    for (String name : List.copyOf(options.propertyNames())) {
      JsonNode value = options.path(name);
      if (isMasked(value) || (value.isArray() && containsMasked(value))) {
        options.remove(name);
      } else if (value instanceof ObjectNode inner) {
        removeFrom(inner);
      }
    }
  }

  private static boolean isMasked(JsonNode value) {
    return value.path("set").isBoolean() && MEMBERS.containsAll(value.propertyNames());
  }
}
