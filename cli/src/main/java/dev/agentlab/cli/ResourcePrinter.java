package dev.agentlab.cli;

import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Renders what resources with revisions have in common as text.
final class ResourcePrinter {
  private ResourcePrinter() {}

  /// Adds a row with a member of a resource, if it has the member.
  static void addIfPresent(List<List<String>> rows, JsonNode resource, String member) {
    if (resource.has(member)) {
      rows.add(List.of(member, RelativeTime.truncateToSeconds(resource.path(member).asString(""))));
    }
  }

  /// The members of an object and of nested objects, with names such as `retry.max_retries`.
  static Stream<List<String>> settings(String prefix, JsonNode object) {
    return object
        .propertyStream()
        .flatMap(member -> {
          JsonNode value = member.getValue();
          String name = prefix + member.getKey();
          return value.isObject() && !value.isEmpty()
              ? settings(name + ".", value)
              : Stream.of(List.of(name, value.isString() ? value.asString() : value.toString()));
        });
  }

  /// The result of an update.
  static String updated(JsonNode before, JsonNode after) {
    String name = after.path("name").asString("");
    String revision = after.path("revision").asString("");
    return revision.equals(before.path("revision").asString(""))
        ? "%s is unchanged; it stays at revision %s".formatted(name, revision)
        : "updated %s, now at revision %s".formatted(name, revision);
  }

  /// The result of restoring a revision.
  static String restored(JsonNode restored, long revision) {
    return "restored %s to revision %d, now at revision %s"
        .formatted(
            restored.path("name").asString(""), revision, restored.path("revision").asString(""));
  }
}
