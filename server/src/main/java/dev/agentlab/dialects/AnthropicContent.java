package dev.agentlab.dialects;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates the content blocks of one response: the start, the deltas and the end of each. A
/// complete block starts and ends without deltas.
final class AnthropicContent {
  private static final int CHOICE = 0;

  private final ChatSink sink;
  private final Function<String, JsonNode> parser;
  private final Map<Integer, Block> open = new HashMap<>();
  private int toolCallCount;

  /// The memory of the open blocks, in bytes.
  private long retainedBytes;

  /// An open block.
  private static final class Block {
    private final ObjectNode json;
    private final String type;

    /// The position among the tool calls of the response; -1 if the block is not a tool call.
    private final int toolCallIndex;

    private final StringBuilder input = new StringBuilder();

    /// The string members that deltas extend.
    private final Map<String, StringBuilder> texts = new HashMap<>();

    private long retainedBytes;

    private Block(ObjectNode json, int toolCallIndex) {
      this.json = json;
      type = json.path("type").stringValue("");
      this.toolCallIndex = toolCallIndex;
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
      return type.equals("text") || toolCallIndex >= 0;
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
  AnthropicContent(ChatSink sink, Function<String, JsonNode> parser) {
    this.sink = sink;
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
    boolean isCall = json.path("type").stringValue("").equals("tool_use");
    Block block = new Block(copy, isCall ? toolCallCount++ : -1);
    retainedBytes += block.retainedBytes;
    Block replaced = open.put(index, block);
    retainedBytes -= replaced == null ? 0 : replaced.retainedBytes;
    switch (block.type) {
      case "text" -> {
        text(json.path("text").stringValue(""));
        json.path("citations").forEach(this::citation);
      }
      case "thinking" -> reasoning(json.path("thinking").stringValue(""));
      case "tool_use" ->
          sink.toolCall(
              CHOICE,
              block.toolCallIndex,
              json.path("id").stringValue(""),
              json.path("name").stringValue(""),
              "");
      default -> {}
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
      case "text_delta" -> text(delta.path("text").stringValue(""));
      case "thinking_delta" -> {
        String thinking = delta.path("thinking").stringValue("");
        block.append("thinking", thinking);
        reasoning(thinking);
      }
      case "signature_delta" -> block.append("signature", delta.path("signature").stringValue(""));
      case "citations_delta" -> citation(delta.path("citation"));
      case "input_json_delta" -> {
        String fragment = delta.path("partial_json").stringValue("");
        block.input.append(fragment);
        block.retainedBytes += 2L * fragment.length();
        if (block.toolCallIndex >= 0 && !fragment.isEmpty()) {
          sink.arguments(CHOICE, block.toolCallIndex, fragment);
        }
      }
      default -> {
        if (block.isPassedByDelta()) {
          extra("deltas", delta);
        } else {
          block.add(delta);
        }
      }
    }
  }

  void end(int index) {
    Block block = open.remove(index);
    if (block == null) {
      return;
    }
    retainedBytes -= block.retainedBytes;
    if (block.type.equals("text")) {
      return;
    }
    if (block.toolCallIndex < 0) {
      passOn(block);
    } else if (block.input.isEmpty()) {
      JsonNode input = block.json().path("input");
      sink.arguments(
          CHOICE,
          block.toolCallIndex,
          input.isObject() ? ProviderJson.MAPPER.writeValueAsString(input) : "{}");
    }
  }

  /// Passes on a thinking block, or a call or result of Anthropic's own tools.
  private void passOn(Block block) {
    ObjectNode json = block.json();
    if (!block.input.isEmpty()) {
      String input = block.input.toString();
      try {
        json.set("input", parser.apply(input));
      } catch (JacksonException e) {
        json.put("input", input);
      }
    }
    extra("content", json);
  }

  private void text(String text) {
    if (!text.isEmpty()) {
      sink.text(CHOICE, text);
    }
  }

  private void reasoning(String text) {
    if (!text.isEmpty()) {
      sink.reasoning(CHOICE, text);
    }
  }

  private void citation(JsonNode citation) {
    extra("citations", citation);
  }

  private void extra(String list, JsonNode element) {
    ObjectNode content = ChatSink.object();
    content.putArray(list).add(element);
    sink.delta(
        CHOICE, ChatSink.object().set(Anthropic.EXTRA_CONTENT, Anthropic.extraContent(content)));
  }
}
