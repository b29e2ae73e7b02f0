package dev.agentlab.dialects;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates an Anthropic stream: the start of a message, the start, deltas and end of each
/// content block, and the end of the message
/// (https://platform.claude.com/docs/en/build-with-claude/streaming).
final class AnthropicStream implements SseReader.Translator {
  /// The members of a `message_delta` event that do not belong to the message.
  private static final Set<String> EVENT_MEMBERS = Set.of("type", "delta", "usage");

  private final ExpectedStream expected;
  private final Instant at;
  private Optional<State> state = Optional.empty();

  /// The latest usage counts: the input counts from the start of the message, all counts at its
  /// end.
  private final ObjectNode usageCounts = ChatSink.object();

  /// The message members from the events that start and end the message.
  private final ObjectNode message = ChatSink.object();

  private boolean isFinished;

  /// The maximum memory of [#message] and [#usageCounts], in bytes.
  private long retainedBytes;

  private record State(ChatChunkWriter chunks, AnthropicContent content) {}

  AnthropicStream(ExpectedStream expected, Instant at) {
    this.expected = expected;
    this.at = at;
  }

  @Override
  public void translate(SseEvent event, CanonicalStream out) {
    if (event.isOtherFormat()) {
      throw event.otherFormatError(out.memory());
    }
    String data = event.data();
    if (event.name().equals("error") && !data.startsWith("{")) {
      throw new ProviderErrorException(data.isEmpty() ? "unknown error" : data, Optional.empty());
    }
    if (data.isEmpty()) {
      return;
    }
    JsonNode json = out.memory().parse(data);
    OpenAi.findError(json)
        .ifPresent(error -> {
          throw error;
        });
    State current = state(out);
    int index = json.path("index").intValue(0);
    switch (json.path("type").stringValue("")) {
      case "message_start" -> begin(json.path("message"), current.chunks());
      case "content_block_start" -> current.content().begin(index, json.path("content_block"));
      case "content_block_delta" -> current.content().applyDelta(index, json.path("delta"));
      case "content_block_stop" -> current.content().end(index);
      case "message_delta" -> {
        addCounts(json.path("usage"));
        addMembers(UnreadResponseMembers.of(json, EVENT_MEMBERS));
        addMembers(UnreadResponseMembers.of(json.path("delta"), Set.of()));
        if (message.path("stop_reason").isString() && !isFinished) {
          finishChoice(current.chunks(), out);
        }
      }
      case "message_stop" -> {
        if (!isFinished) {
          message.put("stop_reason", "end_turn");
          finishChoice(current.chunks(), out);
        }
        finish(out);
        out.finish();
      }
      default -> {}
    }
  }

  private void begin(JsonNode start, ChatChunkWriter chunks) {
    chunks.setIdAndModel(
        AnthropicAnswer.id(start, at), start.path("model").stringValue(expected.model()));
    addCounts(start.path("usage"));
    addMembers(UnreadResponseMembers.of(start, Set.of()));
    chunks.delta(0, ChatSink.object().put("content", ""));
  }

  private void addMembers(ObjectNode members) {
    message.setAll(members);
    retainedBytes += StreamMemory.sizeOf(members);
  }

  @Override
  public long retainedBytes() {
    return retainedBytes + state.map(it -> it.content().retainedBytes()).orElse(0L);
  }

  private void finishChoice(ChatChunkWriter chunks, CanonicalStream out) {
    out.requireChoice();
    AnthropicAnswer.finish(message, chunks);
    isFinished = true;
  }

  private void addCounts(JsonNode usage) {
    usage.forEachEntry((name, value) -> {
      if (!value.isNull()) {
        usageCounts.set(name, value);
      }
    });
    retainedBytes += StreamMemory.sizeOf(usage);
  }

  @Override
  public void finish(CanonicalStream out) {
    if (isFinished) {
      usage().ifPresent(state(out).chunks()::writeUsage);
    }
  }

  @Override
  public Optional<JsonNode> usage() {
    return usageCounts.isEmpty()
        ? Optional.empty()
        : Optional.of(AnthropicAnswer.usage(usageCounts));
  }

  private State state(CanonicalStream out) {
    if (state.isEmpty()) {
      ChatChunkWriter chunks = new ChatChunkWriter(out, expected, at);
      state = Optional.of(new State(chunks, new AnthropicContent(chunks, out.memory()::parse)));
    }
    return state.get();
  }
}
