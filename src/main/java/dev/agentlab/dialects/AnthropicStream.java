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
  private static final Set<String> EVENT = Set.of("type", "delta", "usage");

  private final ExpectedStream expected;
  private final Instant at;
  private Optional<Reading> reading = Optional.empty();

  /// The latest usage counts: the input counts from the start of the message, all counts at its
  /// end.
  private final ObjectNode counted = ChatSink.object();

  /// The message members from the events that start and end the message.
  private final ObjectNode message = ChatSink.object();

  private boolean finished;

  /// The maximum memory of [#message] and [#counted], in bytes.
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
        .ifPresent(error -> {
          throw error;
        });
    Reading current = reading(out);
    int index = json.path("index").intValue(0);
    switch (json.path("type").stringValue("")) {
      case "message_start" -> begin(json.path("message"), current.chunks());
      case "content_block_start" -> current.content().begin(index, json.path("content_block"));
      case "content_block_delta" -> current.content().goOn(index, json.path("delta"));
      case "content_block_stop" -> current.content().end(index);
      case "message_delta" -> {
        count(json.path("usage"));
        keep(UnreadMembers.of(json, EVENT));
        keep(UnreadMembers.of(json.path("delta"), Set.of()));
        if (message.path("stop_reason").isString() && !finished) {
          finish(current.chunks(), out);
        }
      }
      case "message_stop" -> {
        if (!finished) {
          message.put("stop_reason", "end_turn");
          finish(current.chunks(), out);
        }
        end(out);
        out.end();
      }
      default -> {}
    }
  }

  private void begin(JsonNode start, ChatChunkWriter chunks) {
    chunks.named(AnthropicAnswer.id(start, at), start.path("model").stringValue(expected.model()));
    count(start.path("usage"));
    keep(UnreadMembers.of(start, Set.of()));
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
