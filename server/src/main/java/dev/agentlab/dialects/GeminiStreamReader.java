package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.TokenUsage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads a Gemini stream. Each chunk has the format of a non-streaming response and contains a part
/// of the whole; no event marks the end.
final class GeminiStreamReader implements SseStreamReader.Translator {
  private final StreamMemory memory;
  private final GeminiResponseReader response;

  /// The latest counts. They are cumulative; the last ones are the totals.
  private JsonNode usage = MissingNode.getInstance();

  /// The latest values of untranslated members, which chunks repeat.
  private final ObjectNode unread = ProviderJson.object();

  private long usageBytes;

  /// The maximum memory of [#unread], in bytes.
  private long unreadBytes;

  GeminiStreamReader(StreamMemory memory, Instant at, Consumer<StreamEvent> events) {
    this.memory = memory;
    this.response = new GeminiResponseReader(events, at);
  }

  @Override
  public void translate(SseEvent event) {
    String data = event.data();
    if (data.isEmpty()) {
      // An error within a stream is JSON without a field name.
      data = new String(event.raw(), StandardCharsets.UTF_8).strip();
    }
    if (!data.startsWith("{") && !data.startsWith("[")) {
      return;
    }
    JsonNode json = memory.parse(data);
    Gemini.error(json)
        .ifPresent(error -> {
          throw error;
        });
    response.read(json);
    ObjectNode members = GeminiResponseReader.unread(json);
    if (!members.isEmpty()) {
      unread.setAll(members);
      unreadBytes += StreamMemory.sizeOf(members);
    }
    if (json.path("usageMetadata").isObject()) {
      usage = json.path("usageMetadata");
      usageBytes = StreamMemory.sizeOf(usage);
    }
  }

  @Override
  public ResponseFinished createFinish() {
    return new ResponseFinished(usage(), GeminiResponseReader.members(unread));
  }

  @Override
  public TokenUsage usage() {
    return GeminiResponseReader.usage(usage);
  }

  @Override
  public long retainedBytes() {
    return usageBytes + unreadBytes;
  }
}
