package dev.agentlab.wire;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Translates a stream of Gemini: answers of the form of a whole one, each a piece of all, and no
/// word that it ends.
final class GeminiStream implements SseReader.Translator {
  private final ModelRequest request;
  private final Instant at;
  private Optional<Reading> reading = Optional.empty();
  private JsonNode usage = MissingNode.getInstance();

  /// As last said; pieces repeat it.
  private final ObjectNode unread = ChatSink.object();

  private record Reading(ChunkedChat chunks, GeminiAnswer answer) {}

  GeminiStream(ModelRequest request, Instant at) {
    this.request = request;
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
    JsonNode json = WireJson.MAPPER.readTree(data);
    Gemini.fault(json)
        .ifPresent(fault -> {
          throw fault;
        });
    Reading now = reading(out);
    now.answer().identify(json);
    now.chunks().named(now.answer().completionId(), GeminiAnswer.model(json, request));
    now.answer().read(json);
    unread.setAll(GeminiAnswer.unread(json));
    if (json.path("usageMetadata").isObject()) {
      // The count so far; only the last one is of all.
      usage = GeminiAnswer.usage(json.path("usageMetadata"));
      out.usage(usage);
    }
  }

  private Reading reading(CanonicalStream out) {
    if (reading.isEmpty()) {
      ChunkedChat chunks = new ChunkedChat(out, request, at);
      reading = Optional.of(new Reading(chunks, new GeminiAnswer(chunks, at)));
    }
    return reading.get();
  }

  @Override
  public void end(CanonicalStream out) {
    if (out.isWhole()) {
      reading(out).chunks().last(usage, GeminiAnswer.extra(unread));
    }
  }
}
