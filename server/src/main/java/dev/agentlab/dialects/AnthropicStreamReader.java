package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.TokenUsage;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads an Anthropic stream: the start of a message, the start, deltas and end of each content
/// block, and the end of the message
/// (https://platform.claude.com/docs/en/build-with-claude/streaming).
final class AnthropicStreamReader implements SseStreamReader.Translator {
  /// The members of a `message_delta` event that do not belong to the message.
  private static final Set<String> EVENT_MEMBERS = Set.of("type", "delta", "usage");

  private final StreamMemory memory;
  private final Consumer<StreamEvent> events;
  private final AnthropicBlockReader blocks;

  /// The latest usage counts: the input counts from the start of the message, all counts at its
  /// end.
  private final ObjectNode usageCounts = ProviderJson.object();

  /// The message members from the events that start and end the message.
  private final ObjectNode message = ProviderJson.object();

  private boolean hasMessage;
  private boolean isFinished;

  /// The maximum memory of [#message] and [#usageCounts], in bytes.
  private long retainedBytes;

  AnthropicStreamReader(StreamMemory memory, Consumer<StreamEvent> events) {
    this.memory = memory;
    this.events = events;
    this.blocks = new AnthropicBlockReader(events, memory::parse);
  }

  @Override
  public void translate(SseEvent event) {
    if (event.isOtherFormat()) {
      throw event.otherFormatError(memory);
    }
    String data = event.data();
    if (event.name().equals("error") && !data.startsWith("{")) {
      throw new ProviderErrorException(data.isEmpty() ? "unknown error" : data, Optional.empty());
    }
    if (data.isEmpty()) {
      return;
    }
    JsonNode json = memory.parse(data);
    ProviderErrorException.find(json)
        .ifPresent(error -> {
          throw error;
        });
    int index = json.path("index").intValue(0);
    switch (json.path("type").stringValue("")) {
      case "message_start" -> begin(json.path("message"));
      case "content_block_start" -> {
        blocks.begin(index, json.path("content_block"));
        hasMessage = true;
      }
      case "content_block_delta" -> blocks.applyDelta(index, json.path("delta"));
      case "content_block_stop" -> blocks.end(index);
      case "message_delta" -> {
        addCounts(json.path("usage"));
        addMembers(UnreadResponseMembers.of(json, EVENT_MEMBERS));
        addMembers(UnreadResponseMembers.of(json.path("delta"), Set.of()));
        if (message.path("stop_reason").isString() && !isFinished) {
          finishChoice();
        }
      }
      case "message_stop" -> {
        if (!isFinished) {
          message.put("stop_reason", "end_turn");
          finishChoice();
        }
        events.accept(createFinish());
      }
      default -> {}
    }
  }

  private void begin(JsonNode start) {
    addCounts(start.path("usage"));
    addMembers(UnreadResponseMembers.of(start, Set.of()));
    hasMessage = true;
    events.accept(AnthropicResponseReader.started(start));
    events.accept(new StreamEvent.MessageStarted(0));
  }

  private void addMembers(ObjectNode members) {
    message.setAll(members);
    retainedBytes += StreamMemory.sizeOf(members);
  }

  private void addCounts(JsonNode usage) {
    usage.forEachEntry((name, value) -> {
      if (!value.isNull()) {
        usageCounts.set(name, value);
      }
    });
    retainedBytes += StreamMemory.sizeOf(usage);
  }

  private void finishChoice() {
    if (!hasMessage) {
      throw new ProviderErrorException("the stream ended without a completion", Optional.empty());
    }
    AnthropicResponseReader.finishChoice(message, events);
    isFinished = true;
  }

  @Override
  public ResponseFinished createFinish() {
    return new ResponseFinished(usage(), Optional.empty());
  }

  @Override
  public TokenUsage usage() {
    return usageCounts.isEmpty() ? TokenUsage.NONE : AnthropicResponseReader.usage(usageCounts);
  }

  @Override
  public long retainedBytes() {
    return retainedBytes + blocks.retainedBytes();
  }
}
