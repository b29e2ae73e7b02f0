package dev.agentlab.conversation;

import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The members of an object in the client's request that have no neutral form. They are kept, so
/// that a writer can pass them on or report them, and none is silently dropped.
///
/// @param path the prefix of the members' paths: empty, or the path of the object and a dot
/// @param members the members as they came; must not be changed
/// @param inner the unread members of the object inside this one that has the fields of the same
///   element, such as OpenAI's `function` in a tool; empty if there are none
public record UnreadMembers(String path, ObjectNode members, Optional<UnreadMembers> inner) {
  /// No members.
  public static final UnreadMembers NONE =
      new UnreadMembers("", JsonNodeFactory.instance.objectNode(), Optional.empty());

  /// A copy with further members where it has none of the same name.
  UnreadMembers withDefaults(UnreadMembers defaults) {
    ObjectNode merged = defaults.members.deepCopy();
    merged.setAll(members);
    return new UnreadMembers(path, merged, inner);
  }
}
