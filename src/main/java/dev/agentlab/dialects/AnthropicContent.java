package dev.agentlab.dialects;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the content blocks of one answer, each as it begins, goes on and ends. A block that is
/// whole begins and ends at once.
final class AnthropicContent {
  private static final int CHOICE = 0;

  private final ChatSink sink;
  private final Function<String, JsonNode> parser;
  private final Map<Integer, Block> open = new HashMap<>();
  private int calls;

  /// What the open blocks take.
  private long heldBytes;

  /// A block that has begun.
  private static final class Block {
    private final ObjectNode json;
    private final String type;

    /// Which of the answer's tool calls it is, if it is one: not which of its blocks.
    private final int call;

    private final StringBuilder input = new StringBuilder();

    /// The members that grow piece by piece.
    private final Map<String, StringBuilder> texts = new HashMap<>();

    private long heldBytes;

    private Block(ObjectNode json, int call) {
      this.json = json;
      type = json.path("type").stringValue("");
      this.call = call;
      heldBytes = StreamMemory.size(json);
    }

    private void append(String member, String text) {
      heldBytes += 2L * text.length();
      texts
          .computeIfAbsent(member, name -> new StringBuilder(json.path(name).stringValue("")))
          .append(text);
    }

    /// The block with all of its pieces.
    private ObjectNode json() {
      texts.forEach((name, text) -> json.put(name, text.toString()));
      return json;
    }

    /// Whether it goes out piece by piece, not whole as it ends.
    private boolean isGivenOut() {
      return type.equals("text") || call >= 0;
    }

    /// Takes up a delta of an unknown type: texts and lists go on, all else is the newest.
    private void add(JsonNode delta) {
      delta.forEachEntry((name, value) -> {
        if (name.equals("type")) {
          return;
        }
        if (value.isString()) {
          append(name, value.stringValue());
          return;
        }
        heldBytes += StreamMemory.size(value);
        if (value instanceof ArrayNode more && json.path(name) instanceof ArrayNode list) {
          list.addAll(more);
        } else {
          texts.remove(name);
          json.set(name, value);
        }
      });
    }
  }

  /// @param parser of JSON, for the input of tools
  AnthropicContent(ChatSink sink, Function<String, JsonNode> parser) {
    this.sink = sink;
    this.parser = parser;
  }

  /// Bytes of memory that the blocks take that have not ended.
  long heldBytes() {
    return heldBytes;
  }

  /// @param index which block of the answer it is
  void begin(int index, JsonNode json) {
    if (!(json.deepCopy() instanceof ObjectNode copy)) {
      return;
    }
    boolean isCall = json.path("type").stringValue("").equals("tool_use");
    Block block = new Block(copy, isCall ? calls++ : -1);
    heldBytes += block.heldBytes;
    Block replaced = open.put(index, block);
    heldBytes -= replaced == null ? 0 : replaced.heldBytes;
    switch (block.type) {
      case "text" -> {
        text(json.path("text").stringValue(""));
        json.path("citations").forEach(this::citation);
      }
      case "thinking" -> reasoning(json.path("thinking").stringValue(""));
      case "tool_use" ->
          sink.toolCall(
              CHOICE,
              block.call,
              json.path("id").stringValue(""),
              json.path("name").stringValue(""),
              "");
      default -> {}
    }
  }

  void goOn(int index, JsonNode delta) {
    Block block = open.get(index);
    if (block == null || !delta.isObject()) {
      return;
    }
    long before = block.heldBytes;
    goOn(block, delta);
    heldBytes += block.heldBytes - before;
  }

  private void goOn(Block block, JsonNode delta) {
    switch (delta.path("type").stringValue("")) {
      case "text_delta" -> text(delta.path("text").stringValue(""));
      case "thinking_delta" -> {
        String thought = delta.path("thinking").stringValue("");
        block.append("thinking", thought);
        reasoning(thought);
      }
      case "signature_delta" -> block.append("signature", delta.path("signature").stringValue(""));
      case "citations_delta" -> citation(delta.path("citation"));
      case "input_json_delta" -> {
        String fragment = delta.path("partial_json").stringValue("");
        block.input.append(fragment);
        block.heldBytes += 2L * fragment.length();
        if (block.call >= 0 && !fragment.isEmpty()) {
          sink.arguments(CHOICE, block.call, fragment);
        }
      }
      default -> {
        if (block.isGivenOut()) {
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
    heldBytes -= block.heldBytes;
    if (block.type.equals("text")) {
      return;
    }
    if (block.call < 0) {
      other(block);
    } else if (block.input.isEmpty()) {
      JsonNode input = block.json().path("input");
      sink.arguments(
          CHOICE,
          block.call,
          input.isObject() ? ProviderJson.MAPPER.writeValueAsString(input) : "{}");
    }
  }

  /// Thoughts, and what Anthropic's own tools were asked and found.
  private void other(Block block) {
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
    ObjectNode own = ChatSink.object();
    own.putArray(list).add(element);
    sink.delta(CHOICE, ChatSink.object().set(Anthropic.EXTRA, Anthropic.extra(own)));
  }
}
