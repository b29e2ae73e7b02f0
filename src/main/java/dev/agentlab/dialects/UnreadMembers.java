package dev.agentlab.dialects;

import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What of an object of an answer nobody has read, so that it is not dropped in silence.
final class UnreadMembers {
  private UnreadMembers() {}

  /// The other members, but for those that are `null`.
  static ObjectNode of(JsonNode json, Set<String> read) {
    ObjectNode unread = ChatSink.object();
    json.forEachEntry((name, value) -> {
      if (!read.contains(name) && !value.isNull()) {
        unread.set(name, value);
      }
    });
    return unread;
  }
}
