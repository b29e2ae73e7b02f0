package dev.agentlab.dialects;

import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the stream of `ConverseStream`: JSON events in messages of Amazon's event stream encoding.
final class BedrockConverseStream implements StreamReader {
  /// The memory of a tool call or an empty reasoning block in a map, in bytes.
  private static final int ENTRY_BYTES = 128;

  /// A member that hides the length of an event from an eavesdropper.
  private static final String PADDING = "p";

  private final AwsEventStream messages = new AwsEventStream();
  private final StreamMemory memory;
  private final CanonicalStream out;
  private final ChatChunkWriter chunks;
  private Optional<ProviderErrorException> error = Optional.empty();

  /// The tool calls by content block index.
  private final Map<Integer, ToolCall> toolCalls = new HashMap<>();

  /// The incomplete reasoning blocks by content block index.
  private final Map<Integer, ReasoningBlock> reasoningBlocks = new HashMap<>();

  /// The memory of [#toolCalls] and [#reasoningBlocks], in bytes.
  private long retainedBytes;

  /// @param memory the reservation that accounts for the memory of the reader
  BedrockConverseStream(ExpectedStream expected, Instant at, MemoryBudget.Reservation memory) {
    this.memory = new StreamMemory(memory);
    this.out = new CanonicalStream(this.memory);
    this.chunks = new ChatChunkWriter(out, expected, at);
  }

  @Override
  public byte[] read(byte[] bytes) {
    if (error.isEmpty()) {
      try {
        messages.feed(bytes, this::message);
        memory.setRetained(messages.bufferedBytes() + retainedBytes + out.retainedBytes());
      } catch (ProviderErrorException e) {
        error = Optional.of(e);
      } catch (JacksonException e) {
        error =
            Optional.of(
                new ProviderErrorException("a stream event is not valid JSON", Optional.empty()));
      } finally {
        memory.endEvent();
      }
    }
    return out.take();
  }

  private void message(Message message) {
    String type = header(message, ":message-type");
    if (type.equals("error")) {
      throw new ProviderErrorException(
          header(message, ":error-message"), Optional.of(header(message, ":error-code")));
    }
    byte[] payload = message.getPayload();
    if (!Utf8.isValid(payload, 0, payload.length)) {
      throw new ProviderErrorException("a stream event is not valid UTF-8", Optional.empty());
    }
    JsonNode json = payload.length == 0 ? ChatSink.object() : memory.parse(payload);
    if (type.equals("exception")) {
      String text = json.path("message").stringValue("unknown error");
      throw new ProviderErrorException(
          json.path("originalMessage").stringValue(text),
          Optional.of(header(message, ":exception-type")));
    }
    event(header(message, ":event-type"), json);
    memory.endEvent();
  }

  private static String header(Message message, String name) {
    HeaderValue value = message.getHeaders().get(name);
    try {
      return value == null ? "" : value.getString();
    } catch (UnsupportedOperationException e) {
      throw new ProviderErrorException("a stream header is not a string", Optional.empty());
    }
  }

  private void event(String type, JsonNode event) {
    int block = event.path("contentBlockIndex").intValue(0);
    switch (type) {
      case "messageStart" -> chunks.text(0, "");
      case "contentBlockStart" -> start(block, event.path("start"));
      case "contentBlockDelta" -> delta(block, event.path("delta"));
      case "contentBlockStop" -> stop(block);
      case "messageStop" -> {
        out.requireChoice();
        ObjectNode rest = UnreadResponseMembers.of(event, Set.of("stopReason", PADDING));
        if (!rest.isEmpty()) {
          chunks.member(
              0,
              BedrockConverse.EXTRA_CONTENT,
              ChatSink.object().set(BedrockConverse.BEDROCK, rest));
        }
        BedrockConverseAnswer.finish(chunks, event.path("stopReason").stringValue(""));
      }
      case "metadata" -> {
        ObjectNode rest = UnreadResponseMembers.of(event, Set.of("usage", "metrics", PADDING));
        ObjectNode members = ChatSink.object();
        if (!rest.isEmpty()) {
          members.putObject(BedrockConverse.EXTRA_CONTENT).set(BedrockConverse.BEDROCK, rest);
        }
        chunks.writeLast(BedrockConverseAnswer.usage(event.path("usage")), members);
      }
      default -> {}
    }
  }

  private void start(int block, JsonNode start) {
    JsonNode tool = start.path("toolUse");
    if (BedrockConverseAnswer.isCallerToolCall(tool)) {
      ToolCall call = new ToolCall(toolCalls.size());
      toolCalls.put(block, call);
      retainedBytes += ENTRY_BYTES;
      String id = tool.path("toolUseId").stringValue("");
      chunks.toolCall(0, call.index, id, tool.path("name").stringValue(""), "");
    } else {
      passOn(block, "start", start);
    }
  }

  private void delta(int block, JsonNode delta) {
    JsonNode reasoning = delta.path("reasoningContent");
    ToolCall call = toolCalls.get(block);
    if (delta.path("text").isString()) {
      chunks.text(0, delta.path("text").stringValue());
    } else if (call != null && delta.at("/toolUse/input").isString()) {
      String fragment = delta.at("/toolUse/input").stringValue();
      call.hasArguments |= !fragment.isEmpty();
      chunks.arguments(0, call.index, fragment);
    } else if (reasoning.isObject()) {
      ReasoningBlock reasoningBlock =
          reasoningBlocks.computeIfAbsent(block, _ -> new ReasoningBlock());
      long before = reasoningBlock.retainedBytes;
      reasoningBlock.add(reasoning);
      retainedBytes += reasoningBlock.retainedBytes - before;
      String text = reasoning.path("text").stringValue("");
      if (!text.isEmpty() && !reasoning.has(ReasoningBlock.REDACTED)) {
        chunks.reasoning(0, text);
      }
    } else if (delta.path("citation").isObject()) {
      BedrockConverseAnswer.extra(
          chunks, "citations", ChatSink.array().add(delta.path("citation")));
    } else {
      passOn(block, "delta", delta);
    }
  }

  private void stop(int block) {
    ToolCall call = toolCalls.get(block);
    if (call != null && !call.hasArguments) {
      chunks.arguments(0, call.index, "{}");
    }
    ReasoningBlock reasoningBlock = reasoningBlocks.remove(block);
    if (reasoningBlock != null) {
      retainedBytes -= reasoningBlock.retainedBytes;
      BedrockConverseAnswer.passOnReasoning(chunks, reasoningBlock.json());
    }
  }

  /// Passes on an event that OpenAI has no equivalent for.
  private void passOn(int block, String name, JsonNode value) {
    ObjectNode event = ChatSink.object().put("contentBlockIndex", block);
    event.set(name, value);
    BedrockConverseAnswer.extra(chunks, "events", ChatSink.array().add(event));
  }

  @Override
  public Optional<ProviderErrorException> error() {
    return error;
  }

  @Override
  public boolean isDone() {
    return out.isDone();
  }

  @Override
  public byte[] finish() {
    out.finish();
    return out.take();
  }

  @Override
  public boolean isComplete() {
    return error.isEmpty() && out.isComplete();
  }

  @Override
  public boolean hasContent() {
    return out.hasContent();
  }

  @Override
  public Optional<JsonNode> usage() {
    return out.usage();
  }

  /// A reasoning block, whose signature arrives at its end.
  private static final class ReasoningBlock {
    private static final String REDACTED = "redactedContent";

    private final StringBuilder text = new StringBuilder();
    private final StringBuilder signature = new StringBuilder();
    private Optional<JsonNode> redacted = Optional.empty();
    private boolean hasText;
    private long retainedBytes = ENTRY_BYTES;

    private void add(JsonNode delta) {
      if (delta.has(REDACTED)) {
        redacted = Optional.of(delta.path(REDACTED));
        retainedBytes += StreamMemory.sizeOf(delta);
        return;
      }
      hasText = true;
      String moreText = delta.path("text").stringValue("");
      String moreSignature = delta.path("signature").stringValue("");
      text.append(moreText);
      signature.append(moreSignature);
      retainedBytes += 2L * (moreText.length() + moreSignature.length());
    }

    private ObjectNode json() {
      ObjectNode json = ChatSink.object();
      redacted.ifPresent(content -> json.set(REDACTED, content));
      if (hasText) {
        ObjectNode reasoningText = json.putObject("reasoningText").put("text", text.toString());
        if (!signature.isEmpty()) {
          reasoningText.put("signature", signature.toString());
        }
      }
      return json;
    }
  }

  /// An incomplete tool call.
  private static final class ToolCall {
    private final int index;
    private boolean hasArguments;

    private ToolCall(int index) {
      this.index = index;
    }
  }
}
