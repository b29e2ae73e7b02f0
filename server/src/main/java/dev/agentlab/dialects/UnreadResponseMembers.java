package dev.agentlab.dialects;

import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The members of a response object that the translation does not read, kept so that they are not
/// silently dropped.
final class UnreadResponseMembers {
  private UnreadResponseMembers() {}

  /// The members that are neither in `read` nor `null`.
  static ObjectNode of(JsonNode json, Set<String> read) {
    ObjectNode unread = ProviderJson.object();
    json.forEachEntry((name, value) -> {
      if (!read.contains(name) && !value.isNull()) {
        unread.set(name, value);
      }
    });
    return unread;
  }
}
