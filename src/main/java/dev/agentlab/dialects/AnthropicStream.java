package dev.agentlab.dialects;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates a stream of Anthropic: a message that begins, its content blocks, each with its
/// deltas, and how it ended (https://platform.claude.com/docs/en/build-with-claude/streaming).
final class AnthropicStream implements SseReader.Translator {
  /// What of a `message_delta` is not said of the message.
  private static final Set<String> EVENT = Set.of("type", "delta", "usage");

  private final ExpectedStream expected;
  private final Instant at;
  private Optional<Reading> reading = Optional.empty();

  /// As last counted: the input as the message begins, all of it as it ends.
  private final ObjectNode counted = ChatSink.object();

  /// What is said of the message as a whole, in the events that begin and end it.
  private final ObjectNode message = ChatSink.object();

  private boolean finished;

  /// What [#message] and [#counted] take at most.
  private long heldBytes;

  private record Reading(ChatChunkWriter chunks, AnthropicContent content) {}

  AnthropicStream(ExpectedStream expected, Instant at) {
    this.expected = expected;
    this.at = at;
  }

  @Override
  public void translate(SseEvent event, CanonicalStream out) {
    if (event.isOther()) {
      throw event.otherFault(out.memory());
    }
    String data = event.data();
    if (event.name().equals("error") && !data.startsWith("{")) {
      throw new ProviderErrorException(data.isEmpty() ? "unknown error" : data, Optional.empty());
    }
    if (data.isEmpty()) {
      return;
    }
    JsonNode json = out.memory().parse(data);
    OpenAi.fault(json)
        .ifPresent(fault -> {
          throw fault;
        });
    Reading now = reading(out);
    int index = json.path("index").intValue(0);
    switch (json.path("type").stringValue("")) {
      case "message_start" -> begin(json.path("message"), now.chunks());
      case "content_block_start" -> now.content().begin(index, json.path("content_block"));
      case "content_block_delta" -> now.content().goOn(index, json.path("delta"));
      case "content_block_stop" -> now.content().end(index);
      case "message_delta" -> {
        count(json.path("usage"));
        keep(UnreadMembers.of(json, EVENT));
        keep(UnreadMembers.of(json.path("delta"), Set.of()));
        if (message.path("stop_reason").isString() && !finished) {
          finish(now.chunks(), out);
        }
      }
      case "message_stop" -> {
        if (!finished) {
          message.put("stop_reason", "end_turn");
          finish(now.chunks(), out);
        }
        end(out);
        out.end();
      }
      default -> {}
    }
  }

  private void begin(JsonNode begun, ChatChunkWriter chunks) {
    chunks.named(AnthropicAnswer.id(begun, at), begun.path("model").stringValue(expected.model()));
    count(begun.path("usage"));
    keep(UnreadMembers.of(begun, Set.of()));
    chunks.delta(0, ChatSink.object().put("content", ""));
  }

  private void keep(ObjectNode members) {
    message.setAll(members);
    heldBytes += StreamMemory.size(members);
  }

  @Override
  public long heldBytes() {
    return heldBytes + reading.map(it -> it.content().heldBytes()).orElse(0L);
  }

  private void finish(ChatChunkWriter chunks, CanonicalStream out) {
    out.requireBegun();
    AnthropicAnswer.stop(message, chunks);
    finished = true;
  }

  private void count(JsonNode usage) {
    usage.forEachEntry((name, value) -> {
      if (!value.isNull()) {
        counted.set(name, value);
      }
    });
    heldBytes += StreamMemory.size(usage);
  }

  @Override
  public void end(CanonicalStream out) {
    if (finished) {
      usage().ifPresent(reading(out).chunks()::usage);
    }
  }

  @Override
  public Optional<JsonNode> usage() {
    return counted.isEmpty() ? Optional.empty() : Optional.of(AnthropicAnswer.usage(counted));
  }

  private Reading reading(CanonicalStream out) {
    if (reading.isEmpty()) {
      ChatChunkWriter chunks = new ChatChunkWriter(out, expected, at);
      reading = Optional.of(new Reading(chunks, new AnthropicContent(chunks, out.memory()::parse)));
    }
    return reading.get();
  }
}
