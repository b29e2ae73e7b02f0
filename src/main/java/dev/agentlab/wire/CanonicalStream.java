package dev.agentlab.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The canonical stream as it is written: collects the events to give out and remembers whether the
/// answer is whole.
final class CanonicalStream {
  static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
  private Optional<JsonNode> usage = Optional.empty();
  private boolean finished;
  private boolean done;

  /// Writes an event whose data is this JSON.
  void event(JsonNode json) {
    out.writeBytes(DATA);
    out.writeBytes(WireJson.MAPPER.writeValueAsBytes(json));
    out.writeBytes(END);
  }

  /// Writes an event as it came.
  void relay(SseEvent event) {
    out.write(event.array(), event.from(), event.to() - event.from());
  }

  /// Notes that the model gave its reason to stop.
  void finished() {
    finished = true;
  }

  /// Notes that `[DONE]` has been written.
  void done() {
    done = true;
  }

  /// Notes OpenAI's `usage` object.
  void usage(JsonNode counted) {
    usage = Optional.of(counted);
  }

  Optional<JsonNode> usage() {
    return usage;
  }

  boolean isWhole() {
    return finished || done;
  }

  /// Writes `[DONE]` after a whole answer that has none yet.
  void end() {
    if (finished && !done) {
      out.writeBytes(DONE);
      done = true;
    }
  }

  /// What was written since the last call.
  byte[] take() {
    byte[] taken = out.toByteArray();
    out.reset();
    return taken;
  }
}
