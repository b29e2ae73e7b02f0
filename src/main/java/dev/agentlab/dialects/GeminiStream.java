package dev.agentlab.dialects;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates a Gemini stream. Each chunk has the format of a non-streaming response and contains a
/// part of the whole; no event marks the end.
final class GeminiStream implements SseReader.Translator {
  private final ExpectedStream expected;
  private final Instant at;
  private Optional<Reading> reading = Optional.empty();
  private JsonNode usage = MissingNode.getInstance();

  /// The latest values of untranslated members, which chunks repeat.
  private final ObjectNode unread = ChatSink.object();

  /// The maximum memory of [#unread], in bytes.
  private long heldBytes;

  private record Reading(ChatChunkWriter chunks, GeminiAnswer answer) {}

  GeminiStream(ExpectedStream expected, Instant at) {
    this.expected = expected;
    this.at = at;
  }

  @Override
  public void translate(SseEvent event, CanonicalStream out) {
    String data = event.data();
    if (data.isEmpty()) {
      // An error within a stream is JSON without a field name.
      data = new String(event.raw(), StandardCharsets.UTF_8).strip();
    }
    if (!data.startsWith("{") && !data.startsWith("[")) {
      return;
    }
    JsonNode json = out.memory().parse(data);
    Gemini.fault(json)
        .ifPresent(error -> {
          throw error;
        });
    Reading current = reading(out);
    current.answer().identify(json);
    current
        .chunks()
        .named(current.answer().completionId(), GeminiAnswer.model(json, expected.model()));
    current.answer().read(json);
    ObjectNode members = GeminiAnswer.unread(json);
    if (!members.isEmpty()) {
      unread.setAll(members);
      heldBytes += StreamMemory.size(members);
    }
    if (json.path("usageMetadata").isObject()) {
      // Counts are cumulative; the last ones are the totals.
      usage = GeminiAnswer.usage(json.path("usageMetadata"));
      out.recordUsage(usage);
    }
  }

  private Reading reading(CanonicalStream out) {
    if (reading.isEmpty()) {
      ChatChunkWriter chunks = new ChatChunkWriter(out, expected, at);
      reading = Optional.of(new Reading(chunks, new GeminiAnswer(chunks, at)));
    }
    return reading.get();
  }

  @Override
  public long heldBytes() {
    return heldBytes;
  }

  @Override
  public void end(CanonicalStream out) {
    if (out.isWhole()) {
      reading(out).chunks().last(usage, GeminiAnswer.extra(unread));
    }
  }
}
