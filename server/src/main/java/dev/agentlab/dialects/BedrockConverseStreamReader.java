package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the stream of `ConverseStream`: JSON events in messages of Amazon's event stream encoding.
/// No event marks the end: the usage follows the stop reason, and the connection ends.
final class BedrockConverseStreamReader implements ProviderStreamReader {
  private static final int CHOICE = 0;

  /// The memory of an open block in a map, in bytes.
  private static final int ENTRY_BYTES = 128;

  /// A member that hides the length of an event from an eavesdropper.
  private static final String PADDING = "p";

  private final AwsEventStream messages = new AwsEventStream();
  private final StreamMemory memory;
  private final Consumer<StreamEvent> events;
  private boolean isOpen = true;
  private boolean hasMessage;
  private TokenUsage usage = TokenUsage.NONE;

  /// The members of the response that have no neutral form.
  private Optional<VendorMembers> vendorData = Optional.empty();

  /// The open blocks by content block index.
  private final Map<Integer, Block> blocks = new HashMap<>();

  private int blockCount;

  /// The memory of [#blocks] and [#vendorData], in bytes.
  private long retainedBytes;

  /// An open block.
  private sealed interface Block {
    /// Its id among the events.
    int id();

    /// Its memory, in bytes.
    default long retainedBytes() {
      return ENTRY_BYTES;
    }
  }

  private record TextBlock(int id) implements Block {}

  BedrockConverseStreamReader(StreamMemory memory, Consumer<StreamEvent> events) {
    this.memory = memory;
    this.events = events;
  }

  @Override
  public void read(byte[] bytes) {
    if (!isOpen) {
      return;
    }
    try {
      messages.feed(bytes, this::readMessage);
    } catch (ProviderErrorException e) {
      fail(e);
    } catch (JacksonException e) {
      fail(ProviderErrorException.invalidJson());
    } finally {
      memory.endEvent();
    }
  }

  private void fail(ProviderErrorException error) {
    isOpen = false;
    events.accept(error.toEvent());
  }

  private void readMessage(Message message) {
    String type = header(message, ":message-type");
    if (type.equals("error")) {
      throw new ProviderErrorException(
          header(message, ":error-message"), Optional.of(header(message, ":error-code")));
    }
    byte[] payload = message.getPayload();
    if (!Utf8.isValid(payload, 0, payload.length)) {
      throw new ProviderErrorException("a stream event is not valid UTF-8", Optional.empty());
    }
    JsonNode json = payload.length == 0 ? ProviderJson.object() : memory.parse(payload);
    if (type.equals("exception")) {
      String text = json.path("message").stringValue("unknown error");
      throw new ProviderErrorException(
          json.path("originalMessage").stringValue(text),
          Optional.of(header(message, ":exception-type")));
    }
    readEvent(header(message, ":event-type"), json);
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

  private void readEvent(String type, JsonNode event) {
    int index = event.path("contentBlockIndex").intValue(0);
    switch (type) {
      case "messageStart" -> {
        hasMessage = true;
        events.accept(new StreamEvent.MessageStarted(CHOICE));
      }
      case "contentBlockStart" -> {
        hasMessage = true;
        readStart(index, event.path("start"));
      }
      case "contentBlockDelta" -> {
        hasMessage = true;
        readDelta(index, event.path("delta"));
      }
      case "contentBlockStop" -> end(index);
      case "messageStop" -> finishChoice(event);
      case "metadata" -> readMetadata(event);
      default -> {}
    }
  }

  private void finishChoice(JsonNode event) {
    if (!hasMessage) {
      throw new ProviderErrorException("the stream ended without a completion", Optional.empty());
    }
    BedrockConverseResponseReader.members(
            UnreadResponseMembers.of(event, Set.of("stopReason", PADDING)))
        .ifPresent(data -> events.accept(new StreamEvent.ChoiceVendorData(CHOICE, data)));
    BedrockConverseResponseReader.finishChoice(event.path("stopReason").stringValue(""), events);
  }

  private void readMetadata(JsonNode event) {
    if (event.path("usage").isObject()) {
      retainedBytes += StreamMemory.sizeOf(event.path("usage"));
      usage = BedrockConverseResponseReader.usage(event.path("usage"));
    }
    ObjectNode rest = UnreadResponseMembers.of(event, Set.of("usage", "metrics", PADDING));
    if (!rest.isEmpty()) {
      retainedBytes += StreamMemory.sizeOf(rest);
      vendorData = BedrockConverseResponseReader.members(rest);
    }
  }

  private void readStart(int index, JsonNode start) {
    JsonNode tool = start.path("toolUse");
    if (!BedrockConverseResponseReader.isClientToolCall(tool)) {
      passOn(index, "start", start);
      return;
    }
    ToolBlock block = new ToolBlock(blockCount++);
    open(index, block);
    events.accept(
        new StreamEvent.ToolInputStarted(
            CHOICE,
            block.id,
            tool.path("toolUseId").stringValue(""),
            tool.path("name").stringValue(""),
            "",
            Optional.empty()));
  }

  private void readDelta(int index, JsonNode delta) {
    JsonNode reasoning = delta.path("reasoningContent");
    if (delta.path("text").isString()) {
      events.accept(
          new StreamEvent.TextDelta(
              CHOICE, textBlock(index).id(), delta.path("text").stringValue()));
    } else if (delta.at("/toolUse/input").isString()
        && blocks.get(index) instanceof ToolBlock block) {
      String fragment = delta.at("/toolUse/input").stringValue();
      block.hasArguments |= !fragment.isEmpty();
      events.accept(new StreamEvent.ToolInputDelta(CHOICE, block.id, fragment));
    } else if (reasoning.isObject()) {
      readReasoning(reasoningBlock(index), reasoning);
    } else if (delta.path("citation").isObject()) {
      events.accept(
          BedrockConverseResponseReader.content(
              "citations", ProviderJson.array().add(delta.path("citation"))));
    } else {
      passOn(index, "delta", delta);
    }
  }

  private void readReasoning(ReasoningBlock block, JsonNode reasoning) {
    long before = block.retainedBytes;
    block.add(reasoning);
    retainedBytes += block.retainedBytes - before;
    String text = reasoning.path("text").stringValue("");
    if (!text.isEmpty() && !reasoning.has(ReasoningBlock.REDACTED)) {
      events.accept(new StreamEvent.ReasoningDelta(CHOICE, block.id, text));
    }
  }

  /// The text block at an index. Bedrock does not mark its start.
  private Block textBlock(int index) {
    if (blocks.get(index) instanceof TextBlock block) {
      return block;
    }
    TextBlock block = new TextBlock(blockCount++);
    open(index, block);
    events.accept(new StreamEvent.TextStarted(CHOICE, block.id));
    return block;
  }

  /// The reasoning block at an index. Bedrock does not mark its start.
  private ReasoningBlock reasoningBlock(int index) {
    if (blocks.get(index) instanceof ReasoningBlock block) {
      return block;
    }
    ReasoningBlock block = new ReasoningBlock(blockCount++);
    open(index, block);
    events.accept(new StreamEvent.ReasoningStarted(CHOICE, block.id));
    return block;
  }

  private void open(int index, Block block) {
    end(index);
    blocks.put(index, block);
    retainedBytes += block.retainedBytes();
  }

  private void end(int index) {
    Block block = blocks.remove(index);
    if (block == null) {
      return;
    }
    retainedBytes -= block.retainedBytes();
    switch (block) {
      case TextBlock text -> events.accept(new StreamEvent.TextEnded(CHOICE, text.id));
      case ToolBlock tool -> {
        if (!tool.hasArguments) {
          events.accept(new StreamEvent.ToolInputDelta(CHOICE, tool.id, "{}"));
        }
        events.accept(new StreamEvent.ToolInputEnded(CHOICE, tool.id));
      }
      case ReasoningBlock reasoning ->
          events.accept(
              BedrockConverseResponseReader.reasoningEnded(reasoning.id, reasoning.json()));
    }
  }

  /// Passes on an event without a neutral form.
  private void passOn(int index, String name, JsonNode value) {
    ObjectNode event = ProviderJson.object().put("contentBlockIndex", index);
    event.set(name, value);
    events.accept(BedrockConverseResponseReader.content("events", ProviderJson.array().add(event)));
  }

  /// An incomplete message at the end is a truncated stream.
  @Override
  public void endInput() {}

  @Override
  public ResponseFinished createFinish() {
    return new ResponseFinished(usage, vendorData);
  }

  @Override
  public TokenUsage usage() {
    return usage;
  }

  @Override
  public long retainedBytes() {
    return messages.bufferedBytes() + retainedBytes;
  }

  /// A reasoning block, whose signature arrives at its end.
  private static final class ReasoningBlock implements Block {
    private static final String REDACTED = "redactedContent";

    private final int id;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder signature = new StringBuilder();
    private Optional<JsonNode> redacted = Optional.empty();
    private boolean hasText;
    private long retainedBytes = ENTRY_BYTES;

    private ReasoningBlock(int id) {
      this.id = id;
    }

    @Override
    public int id() {
      return id;
    }

    @Override
    public long retainedBytes() {
      return retainedBytes;
    }

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
      ObjectNode json = ProviderJson.object();
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
  private static final class ToolBlock implements Block {
    private final int id;
    private boolean hasArguments;

    private ToolBlock(int id) {
      this.id = id;
    }

    @Override
    public int id() {
      return id;
    }
  }
}
