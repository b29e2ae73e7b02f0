package dev.agentlab.cli;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What the service shows of secrets. Left out of what is sent back, a secret stays as it is.
final class MaskedSecrets {
  private static final Set<String> MEMBERS = Set.of("set", "hint", "updated_at", "env", "file");

  private MaskedSecrets() {}

  /// Whether a value is, or holds at any depth, a secret that the service has hidden.
  static boolean holds(JsonNode value) {
    return is(value) || value.valueStream().anyMatch(MaskedSecrets::holds);
  }

  /// Removes what holds a hidden secret. One within a list can only be kept with the whole list.
  static void leaveOut(ObjectNode options) {
    for (String name : List.copyOf(options.propertyNames())) {
      JsonNode value = options.path(name);
      if (is(value) || (value.isArray() && holds(value))) {
        options.remove(name);
      } else if (value instanceof ObjectNode inner) {
        leaveOut(inner);
      }
    }
  }

  private static boolean is(JsonNode value) {
    return value.path("set").isBoolean() && MEMBERS.containsAll(value.propertyNames());
  }
}
