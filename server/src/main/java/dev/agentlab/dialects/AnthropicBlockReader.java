package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.VendorMembers;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the content blocks of one response: the start, the deltas and the end of each. A complete
/// block starts and ends without deltas.
final class AnthropicBlockReader {
  private static final int CHOICE = 0;

  private enum Kind {
    TEXT,
    REASONING,
    TOOL_INPUT,

    /// A call or result of Anthropic's own tools, or an unknown block.
    OTHER;

    private static Kind of(String type) {
      return switch (type) {
        case "text" -> TEXT;
        case "thinking", "redacted_thinking" -> REASONING;
        case "tool_use" -> TOOL_INPUT;
        default -> OTHER;
      };
    }
  }

  private final Consumer<StreamEvent> events;
  private final Function<String, JsonNode> parser;
  private final Map<Integer, Block> open = new HashMap<>();
  private int count;

  /// The memory of the open blocks, in bytes.
  private long retainedBytes;

  /// An open block.
  private static final class Block {
    private final ObjectNode json;
    private final Kind kind;
    private final int id;

    private final StringBuilder input = new StringBuilder();

    /// The string members that deltas extend.
    private final Map<String, StringBuilder> texts = new HashMap<>();

    private long retainedBytes;

    private Block(ObjectNode json, int id) {
      this.json = json;
      kind = Kind.of(json.path("type").stringValue(""));
      this.id = id;
      retainedBytes = StreamMemory.sizeOf(json);
    }

    private void append(String member, String text) {
      retainedBytes += 2L * text.length();
      texts
          .computeIfAbsent(member, name -> new StringBuilder(json.path(name).stringValue("")))
          .append(text);
    }

    /// The block with all deltas applied.
    private ObjectNode json() {
      texts.forEach((name, text) -> json.put(name, text.toString()));
      return json;
    }

    /// Whether the block is passed on delta by delta, and not only at its end.
    private boolean isPassedByDelta() {
      return kind == Kind.TEXT || kind == Kind.TOOL_INPUT;
    }

    /// Applies a delta of an unknown type: strings and arrays are appended, other values are
    /// replaced.
    private void add(JsonNode delta) {
      delta.forEachEntry((name, value) -> {
        if (name.equals("type")) {
          return;
        }
        if (value.isString()) {
          append(name, value.stringValue());
          return;
        }
        retainedBytes += StreamMemory.sizeOf(value);
        if (value instanceof ArrayNode elements && json.path(name) instanceof ArrayNode list) {
          list.addAll(elements);
        } else {
          texts.remove(name);
          json.set(name, value);
        }
      });
    }
  }

  /// @param parser parses JSON, for the input of tools
  AnthropicBlockReader(Consumer<StreamEvent> events, Function<String, JsonNode> parser) {
    this.events = events;
    this.parser = parser;
  }

  /// The memory of the open blocks, in bytes.
  long retainedBytes() {
    return retainedBytes;
  }

  /// @param index the position of the block in the response
  void begin(int index, JsonNode json) {
    if (!(json.deepCopy() instanceof ObjectNode copy)) {
      return;
    }
    Block block = new Block(copy, count++);
    retainedBytes += block.retainedBytes;
    Block replaced = open.put(index, block);
    retainedBytes -= replaced == null ? 0 : replaced.retainedBytes;
    switch (block.kind) {
      case TEXT -> {
        events.accept(new StreamEvent.TextStarted(CHOICE, block.id));
        text(block, json.path("text").stringValue(""));
        json.path("citations").forEach(this::citation);
      }
      case REASONING -> {
        events.accept(new StreamEvent.ReasoningStarted(CHOICE, block.id));
        reasoning(block, json.path("thinking").stringValue(""));
      }
      case TOOL_INPUT ->
          events.accept(
              new StreamEvent.ToolInputStarted(
                  CHOICE,
                  block.id,
                  json.path("id").stringValue(""),
                  json.path("name").stringValue(""),
                  "",
                  Optional.empty()));
      case OTHER -> {}
    }
  }

  void applyDelta(int index, JsonNode delta) {
    Block block = open.get(index);
    if (block == null || !delta.isObject()) {
      return;
    }
    long before = block.retainedBytes;
    applyDelta(block, delta);
    retainedBytes += block.retainedBytes - before;
  }

  private void applyDelta(Block block, JsonNode delta) {
    switch (delta.path("type").stringValue("")) {
      case "text_delta" -> {
        if (block.kind == Kind.TEXT) {
          text(block, delta.path("text").stringValue(""));
        } else {
          otherDelta(block, delta);
        }
      }
      case "thinking_delta" -> {
        if (block.kind == Kind.REASONING) {
          String thinking = delta.path("thinking").stringValue("");
          block.append("thinking", thinking);
          reasoning(block, thinking);
        } else {
          otherDelta(block, delta);
        }
      }
      case "signature_delta" -> block.append("signature", delta.path("signature").stringValue(""));
      case "citations_delta" -> citation(delta.path("citation"));
      case "input_json_delta" -> {
        String fragment = delta.path("partial_json").stringValue("");
        block.input.append(fragment);
        block.retainedBytes += 2L * fragment.length();
        if (block.kind == Kind.TOOL_INPUT && !fragment.isEmpty()) {
          events.accept(new StreamEvent.ToolInputDelta(CHOICE, block.id, fragment));
        }
      }
      default -> otherDelta(block, delta);
    }
  }

  private void otherDelta(Block block, JsonNode delta) {
    if (block.isPassedByDelta()) {
      vendorContent("deltas", delta);
    } else {
      block.add(delta);
    }
  }

  void end(int index) {
    Block block = open.remove(index);
    if (block == null) {
      return;
    }
    retainedBytes -= block.retainedBytes;
    switch (block.kind) {
      case TEXT -> events.accept(new StreamEvent.TextEnded(CHOICE, block.id));
      case REASONING -> {
        ObjectNode json = completeJson(block);
        events.accept(
            new StreamEvent.ReasoningEnded(
                CHOICE,
                block.id,
                json.path("signature").stringValueOpt().filter(it -> !it.isEmpty()),
                json.path("data").stringValueOpt(),
                Optional.of(members("content", json))));
      }
      case TOOL_INPUT -> {
        if (block.input.isEmpty()) {
          JsonNode input = block.json().path("input");
          String arguments =
              input.isObject() ? ProviderJson.MAPPER.writeValueAsString(input) : "{}";
          events.accept(new StreamEvent.ToolInputDelta(CHOICE, block.id, arguments));
        }
        events.accept(new StreamEvent.ToolInputEnded(CHOICE, block.id));
      }
      case OTHER -> vendorContent("content", completeJson(block));
    }
  }

  private ObjectNode completeJson(Block block) {
    ObjectNode json = block.json();
    if (!block.input.isEmpty()) {
      String input = block.input.toString();
      try {
        json.set("input", parser.apply(input));
      } catch (JacksonException e) {
        json.put("input", input);
      }
    }
    return json;
  }

  private void text(Block block, String text) {
    if (!text.isEmpty()) {
      events.accept(new StreamEvent.TextDelta(CHOICE, block.id, text));
    }
  }

  private void reasoning(Block block, String text) {
    if (!text.isEmpty()) {
      events.accept(new StreamEvent.ReasoningDelta(CHOICE, block.id, text));
    }
  }

  private void citation(JsonNode citation) {
    vendorContent("citations", citation);
  }

  private void vendorContent(String list, JsonNode element) {
    events.accept(new StreamEvent.VendorContent(CHOICE, members(list, element)));
  }

  private static VendorMembers members(String list, JsonNode element) {
    ObjectNode members = ProviderJson.object();
    members.putArray(list).add(element);
    return new VendorMembers(Anthropic.VENDOR, members);
  }
}
