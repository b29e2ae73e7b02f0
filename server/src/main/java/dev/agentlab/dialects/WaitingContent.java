package dev.agentlab.dialects;

import dev.agentlab.conversation.VendorMembers;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Content of other vendors than the client's, which waits for the part of the message that carries
/// it ([ReplayCarrier]). Lists of one name are one list.
final class WaitingContent {
  /// The vendor whose content arrives in parts of texts.
  private static final String OPEN_AI = ChatCompletions.VENDOR;

  /// The memory of an entry of a map, in bytes.
  private static final int ENTRY_BYTES = 128;

  private final Map<String, OfVendor> byVendor = new LinkedHashMap<>();
  private long retainedBytes;

  /// The content of one vendor.
  private static final class OfVendor {
    private final ObjectNode json = ProviderJson.object();

    /// The members that arrive in parts.
    private final Map<String, StringBuilder> texts = new HashMap<>();

    private void addText(String name, String text) {
      texts
          .computeIfAbsent(
              name,
              it -> {
                // Keeps the position of the member.
                json.put(it, "");
                return new StringBuilder();
              })
          .append(text);
    }

    private void add(String name, JsonNode value) {
      if (value instanceof ArrayNode elements && json.path(name) instanceof ArrayNode list) {
        list.addAll(elements);
      } else {
        // A copy, because later elements are added to it.
        json.set(name, value.deepCopy());
      }
    }

    private ObjectNode json() {
      texts.forEach((name, text) -> json.put(name, text.toString()));
      return json;
    }
  }

  /// Adds all members that are not empty.
  void add(VendorMembers content) {
    content.members().forEachEntry((name, value) -> add(content.vendor(), name, value));
  }

  /// Adds a member, unless it is empty.
  void add(String vendor, String name, JsonNode value) {
    if (isNothing(value)) {
      return;
    }
    OfVendor content = byVendor.computeIfAbsent(vendor, _ -> new OfVendor());
    retainedBytes += content.json.has(name) ? 0 : entryBytes(name);
    if (value.isString() && vendor.equals(OPEN_AI)) {
      retainedBytes += 2L * value.stringValue().length();
      content.addText(name, value.stringValue());
    } else {
      retainedBytes += StreamMemory.sizeOf(value);
      content.add(name, value);
    }
  }

  private static boolean isNothing(JsonNode value) {
    return value.isNull()
        || (value.isContainer() && value.isEmpty())
        || (value.isString() && value.stringValue().isEmpty());
  }

  /// Sets a member of an object.
  ///
  /// @return by how much its memory grows, in bytes
  static long set(ObjectNode object, String name, JsonNode value) {
    JsonNode previous = object.get(name);
    object.set(name, value);
    return StreamMemory.sizeOf(value)
        + (previous == null ? entryBytes(name) : -StreamMemory.sizeOf(previous));
  }

  /// The memory of a member of an object, apart from its value, in bytes.
  private static long entryBytes(String name) {
    return ENTRY_BYTES + 2L * name.length();
  }

  boolean isEmpty() {
    return byVendor.isEmpty();
  }

  /// Removes all content, and returns it by vendor.
  ObjectNode take() {
    ObjectNode json = ProviderJson.object();
    byVendor.forEach((vendor, content) -> json.set(vendor, content.json()));
    byVendor.clear();
    retainedBytes = 0;
    return json;
  }

  /// The memory of the content, in bytes.
  long retainedBytes() {
    return retainedBytes;
  }
}
