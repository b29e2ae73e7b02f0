package dev.agentlab.dialects;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates a stream of Gemini: answers of the form of a whole one, each a piece of all, and no
/// word that it ends.
final class GeminiStream implements SseReader.Translator {
  private final ExpectedStream expected;
  private final Instant at;
  private Optional<Reading> reading = Optional.empty();
  private JsonNode usage = MissingNode.getInstance();

  /// As last said; pieces repeat it.
  private final ObjectNode unread = ChatSink.object();

  /// What [#unread] takes at most.
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
      // An error in the middle of a stream comes as bare JSON.
      data = new String(event.raw(), StandardCharsets.UTF_8).strip();
    }
    if (!data.startsWith("{") && !data.startsWith("[")) {
      return;
    }
    JsonNode json = out.memory().parse(data);
    Gemini.fault(json)
        .ifPresent(fault -> {
          throw fault;
        });
    Reading now = reading(out);
    now.answer().identify(json);
    now.chunks().named(now.answer().completionId(), GeminiAnswer.model(json, expected.model()));
    now.answer().read(json);
    ObjectNode more = GeminiAnswer.unread(json);
    if (!more.isEmpty()) {
      unread.setAll(more);
      heldBytes += StreamMemory.size(more);
    }
    if (json.path("usageMetadata").isObject()) {
      // The count so far; only the last one is of all.
      usage = GeminiAnswer.usage(json.path("usageMetadata"));
      out.usage(usage);
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
