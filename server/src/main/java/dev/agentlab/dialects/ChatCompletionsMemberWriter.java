package dev.agentlab.dialects;

import dev.agentlab.conversation.CacheMarker;
import dev.agentlab.conversation.Extensions;
import dev.agentlab.conversation.UnreadMembers;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Writes the members that OpenAI's API does not define, for providers that do.
///
/// @param isOwnClient whether the client speaks this API too, and so chose the members for the
///   provider
record ChatCompletionsMemberWriter(boolean isOwnClient, TranslationWarnings warnings) {

  void write(Extensions extensions, ObjectNode json) {
    extensions.cacheMarker().ifPresent(marker -> write(marker, json));
    write(extensions.unread(), json);
  }

  /// @param inner the object inside the element that has its fields
  void write(Extensions extensions, ObjectNode json, String inner) {
    write(extensions, json);
    Optional<UnreadMembers> unread = extensions.unread().inner();
    unread.ifPresent(it -> write(it, json.withObjectProperty(inner)));
  }

  void write(UnreadMembers unread, ObjectNode json) {
    unread
        .members()
        .forEachEntry((name, value) -> {
          if (!json.has(name)) {
            json.set(name, value);
          }
        });
  }

  private void write(CacheMarker marker, ObjectNode json) {
    if (isOwnClient) {
      json.set("cache_control", marker.definition());
    } else {
      warnings.addIgnored(marker.path(), "the API caches prompts by itself");
    }
  }
}
