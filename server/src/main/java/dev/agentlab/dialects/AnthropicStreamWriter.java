package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.TokenUsage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a response as the stream of Anthropic's Messages API
/// (https://platform.claude.com/docs/en/build-with-claude/streaming).
///
/// Only one block of such a stream is open at a time. Each event of the open block is written
/// immediately; other blocks, such as further tool calls of a provider that ends all at once, wait
/// in memory until it ends. The arguments of a tool are passed on as the model writes them, so they
/// may not be valid JSON.
///
/// The usage is known at the end as a rule: its counts are 0 in `message_start`, and complete in
/// `message_delta`.
final class AnthropicStreamWriter extends AnthropicContentWriter<AnthropicStreamWriter.Block>
    implements ClientStreamWriter {
  /// The members of the message that are in the `delta` of `message_delta`, and not beside it.
  private static final Set<String> DELTA_MEMBERS =
      Set.of("stop_sequence", "stop_details", "container");

  /// The memory of a block that waits, apart from its events, in bytes.
  private static final int BLOCK_BYTES = 1024;

  private static final byte[] BLOCK_START = eventStart("content_block_start");
  private static final byte[] BLOCK_DELTA = eventStart("content_block_delta");
  private static final byte[] BLOCK_STOP = eventStart("content_block_stop");
  private static final byte[] MESSAGE_STOP =
      ascii("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");

  private final Utf8JsonWriter out = new Utf8JsonWriter();

  /// The open block, and those that wait for its end.
  private final Deque<Block> blocks = new ArrayDeque<>();

  private int blockCount;

  /// The memory of the blocks that wait, in bytes.
  private long blockBytes;

  private boolean hasStarted;

  /// A block that is open or waits.
  static final class Block {
    private final int index;

    /// The beginning of a delta, up to its text.
    private final byte[] deltaStart;

    /// The output of the stream for the open block, and a buffer for one that waits.
    private Utf8JsonWriter out;

    private long retainedBytes;

    /// Whether blank text is skipped: it is neither valid JSON nor a part of a token yet.
    private boolean skipsBlank;

    private boolean hasEnded;

    private Block(int index, String deltaType, String member, Utf8JsonWriter out) {
      this.index = index;
      this.out = out;
      deltaStart =
          new Utf8JsonWriter()
              .raw(BLOCK_DELTA)
              .number(index)
              .ascii(",\"delta\":{\"type\":\"")
              .ascii(deltaType)
              .ascii("\",\"")
              .ascii(member)
              .ascii("\":")
              .take();
    }
  }

  /// @param requestedModel the model if the response does not name one
  /// @param at when the stream began
  AnthropicStreamWriter(String requestedModel, Instant at) {
    super(requestedModel, at);
  }

  /// The beginning of an event about a block, up to its index.
  private static byte[] eventStart(String type) {
    return ascii("event: " + type + "\ndata: {\"type\":\"" + type + "\",\"index\":");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void write(StreamEvent event) {
    if (event instanceof ResponseFailed) {
      return;
    }
    int length = out.length();
    try {
      if (!hasStarted) {
        hasStarted = true;
        writeStart(event);
      }
      addContent(event);
      if (event instanceof ResponseFinished) {
        writeEnd();
      }
    } catch (ProviderErrorException | JacksonException e) {
      // The output must end at an event boundary.
      out.truncate(length);
      throw e;
    }
  }

  private void writeStart(StreamEvent first) {
    ResponseStarted start =
        first instanceof ResponseStarted started
            ? started
            : new ResponseStarted(Optional.empty(), Optional.empty(), OptionalLong.empty());
    out.ascii("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":")
        .string(id(start))
        .ascii(",\"type\":\"message\",\"role\":\"assistant\",\"model\":")
        .string(model(start))
        .ascii(",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":")
        .value(usage(TokenUsage.NONE))
        .ascii("}}\n\n");
  }

  private void writeEnd() {
    ObjectNode event = ProviderJson.object().put("type", "message_delta");
    ObjectNode delta = event.putObject("delta").put("stop_reason", stopReason());
    delta.putNull("stop_sequence");
    event.set("usage", usage(usage()));
    members()
        .forEachEntry((name, value) -> {
          if (DELTA_MEMBERS.contains(name)) {
            delta.set(name, value);
          } else {
            event.putIfAbsent(name, value);
          }
        });
    if (!extraContent().isEmpty()) {
      event.set(EXTRA_CONTENT, extraContent());
    }
    out.ascii("event: message_delta\ndata: ").value(event).ascii("\n\n").raw(MESSAGE_STOP);
  }

  @Override
  Block beginText() {
    Block block = begin("text_delta", "text");
    block.out.ascii("{\"type\":\"text\",\"text\":\"\"}");
    return endStart(block);
  }

  @Override
  Block beginThinking() {
    Block block = begin("thinking_delta", "thinking");
    block.out.ascii("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}");
    return endStart(block);
  }

  @Override
  Block beginToolUse(String id, String name) {
    Block block = begin("input_json_delta", "partial_json");
    block.skipsBlank = true;
    block
        .out
        .ascii("{\"type\":\"tool_use\",\"id\":")
        .string(id)
        .ascii(",\"name\":")
        .string(name)
        .ascii(",\"input\":{}}");
    return endStart(block);
  }

  private Block begin(String deltaType, String member) {
    boolean isOpen = blocks.isEmpty();
    Block block = new Block(blockCount++, deltaType, member, isOpen ? out : new Utf8JsonWriter());
    blocks.add(block);
    block.out.raw(BLOCK_START).number(block.index).ascii(",\"content_block\":");
    return block;
  }

  private Block endStart(Block block) {
    block.out.ascii("}\n\n");
    count(block);
    return block;
  }

  private void endDelta(Block block) {
    block.out.ascii("}}\n\n");
    count(block);
  }

  /// Counts the memory of a block that waits.
  private void count(Block block) {
    if (block.out != out) {
      // The buffer may be twice as long as its content.
      long bytes = BLOCK_BYTES + 2L * block.out.length();
      blockBytes += bytes - block.retainedBytes;
      block.retainedBytes = bytes;
    }
  }

  @Override
  void append(Block block, String part) {
    if (part.isEmpty() || (block.skipsBlank && part.isBlank())) {
      return;
    }
    block.skipsBlank = false;
    block.out.raw(block.deltaStart).string(part);
    endDelta(block);
  }

  @Override
  void addCitation(Block text, JsonNode citation) {
    beginDelta(text, "citations_delta").ascii("citation\":").value(citation);
    endDelta(text);
  }

  private static Utf8JsonWriter beginDelta(Block block, String type) {
    return block
        .out
        .raw(BLOCK_DELTA)
        .number(block.index)
        .ascii(",\"delta\":{\"type\":\"")
        .ascii(type)
        .ascii("\",\"");
  }

  @Override
  void endThinking(Block block, Optional<ObjectNode> original) {
    original
        .flatMap(it -> it.path("signature").stringValueOpt())
        .filter(signature -> !signature.isEmpty())
        .ifPresent(signature -> {
          beginDelta(block, "signature_delta").ascii("signature\":").string(signature);
          endDelta(block);
        });
    end(block);
  }

  @Override
  void end(Block block) {
    block.out.raw(BLOCK_STOP).number(block.index).ascii("}\n\n");
    block.hasEnded = true;
    count(block);
    while (!blocks.isEmpty() && blocks.element().hasEnded) {
      blocks.remove();
      if (!blocks.isEmpty()) {
        open(blocks.element());
      }
    }
  }

  private void open(Block block) {
    out.raw(block.out.take());
    block.out = out;
    blockBytes -= block.retainedBytes;
  }

  /// The input of a tool of Anthropic follows in a delta: clients expect it there.
  @Override
  void add(ObjectNode json) {
    JsonNode input = json.path("input");
    boolean hasInput = input.isString() || !input.isEmpty();
    Block block = begin("input_json_delta", "partial_json");
    if (hasInput) {
      ObjectNode start = json.deepCopy();
      start.putObject("input");
      block.out.value(start);
    } else {
      block.out.value(json);
    }
    endStart(block);
    if (hasInput) {
      append(block, input.isString() ? input.stringValue() : input.toString());
    }
    end(block);
  }

  @Override
  public long retainedBytes() {
    return super.retainedBytes() + blockBytes;
  }

  @Override
  public byte[] take() {
    return out.take();
  }
}
