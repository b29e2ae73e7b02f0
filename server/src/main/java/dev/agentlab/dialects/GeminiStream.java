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
  private Optional<State> state = Optional.empty();
  private JsonNode usage = MissingNode.getInstance();

  /// The latest values of untranslated members, which chunks repeat.
  private final ObjectNode unread = ChatSink.object();

  /// The maximum memory of [#unread], in bytes.
  private long retainedBytes;

  private record State(ChatChunkWriter chunks, GeminiAnswer answer) {}

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
    Gemini.findError(json)
        .ifPresent(error -> {
          throw error;
        });
    State current = state(out);
    current.answer().updateId(json);
    current
        .chunks()
        .setIdAndModel(current.answer().completionId(), GeminiAnswer.model(json, expected.model()));
    current.answer().read(json);
    ObjectNode members = GeminiAnswer.unread(json);
    if (!members.isEmpty()) {
      unread.setAll(members);
      retainedBytes += StreamMemory.sizeOf(members);
    }
    if (json.path("usageMetadata").isObject()) {
      // Counts are cumulative; the last ones are the totals.
      usage = GeminiAnswer.usage(json.path("usageMetadata"));
      out.recordUsage(usage);
    }
  }

  private State state(CanonicalStream out) {
    if (state.isEmpty()) {
      ChatChunkWriter chunks = new ChatChunkWriter(out, expected, at);
      state = Optional.of(new State(chunks, new GeminiAnswer(chunks, at)));
    }
    return state.get();
  }

  @Override
  public long retainedBytes() {
    return retainedBytes;
  }

  @Override
  public void finish(CanonicalStream out) {
    if (out.isComplete()) {
      state(out).chunks().writeLast(usage, GeminiAnswer.extra(unread));
    }
  }
}
