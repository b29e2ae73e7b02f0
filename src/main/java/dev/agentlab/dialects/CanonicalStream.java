package dev.agentlab.dialects;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The canonical stream as it is written: collects the events to give out and remembers whether the
/// answer is whole.
final class CanonicalStream {
  static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] NOTHING = new byte[0];

  /// More than any provider gives. Some members are repeated for each choice.
  private static final int MAX_CHOICES = 128;

  private final StreamMemory memory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  /// Events that stand one after the other as they came, not yet copied.
  private byte[] passing = NOTHING;

  private int passingFrom;
  private int passingTo;

  private Optional<JsonNode> usage = Optional.empty();
  private long usageBytes;
  private final Set<Integer> begun = new HashSet<>();
  private final Set<Integer> finished = new HashSet<>();
  private boolean done;
  private boolean hasContent;

  CanonicalStream(StreamMemory memory) {
    this.memory = memory;
  }

  /// Counts the memory of those who write to it.
  StreamMemory memory() {
    return memory;
  }

  /// Writes an event whose data is this JSON.
  void event(JsonNode json) {
    flush();
    out.writeBytes(DATA);
    out.writeBytes(ProviderJson.MAPPER.writeValueAsBytes(json));
    out.writeBytes(END);
  }

  /// Writes an event as it came.
  @SuppressWarnings(
      "ReferenceEquality") // In another array with the same bytes it stands elsewhere.
  void relay(SseEvent event) {
    if (event.array() != passing || event.from() != passingTo) {
      flush();
      passing = event.array();
      passingFrom = event.from();
    }
    passingTo = event.to();
  }

  /// Notes that a choice has begun.
  ///
  /// @return whether that is new
  /// @throws ProviderFault if they are too many
  boolean begun(int choice) {
    boolean isNew = begun.add(choice);
    if (begun.size() > MAX_CHOICES) {
      throw new ProviderErrorException(
          "the answer has more than %d choices".formatted(MAX_CHOICES), Optional.empty());
    }
    return isNew;
  }

  /// Checks that a choice has begun, which an answer must before it ends.
  ///
  /// @throws ProviderFault if none has
  void requireBegun() {
    if (begun.isEmpty()) {
      throw new ProviderErrorException("the stream ends without an answer", Optional.empty());
    }
  }

  /// Notes that the model gave its reason to stop for a choice.
  void finished(int choice) {
    begun(choice);
    finished.add(choice);
  }

  /// Notes that `[DONE]` has been written.
  void done() {
    done = true;
  }

  /// Notes a piece of a message, OpenAI's `delta`.
  void delta(JsonNode delta) {
    hasContent = hasContent || delta.propertyStream().anyMatch(CanonicalStream::isContent);
  }

  private static boolean isContent(Map.Entry<String, JsonNode> member) {
    JsonNode value = member.getValue();
    boolean isEmpty = value.isString() ? value.stringValue().isEmpty() : value.isEmpty();
    return !isEmpty && !member.getKey().equals("role");
  }

  /// Whether a piece of a message has been written that is more than its role.
  boolean hasContent() {
    return hasContent;
  }

  /// Notes OpenAI's `usage` object.
  void usage(JsonNode counted) {
    usage = Optional.of(counted);
    usageBytes = StreamMemory.size(counted);
  }

  /// Bytes of memory that are held beyond an event.
  long heldBytes() {
    return usageBytes;
  }

  Optional<JsonNode> usage() {
    return usage;
  }

  /// Whether `[DONE]` has been written.
  boolean isDone() {
    return done;
  }

  boolean isWhole() {
    return done || isFinished();
  }

  private boolean isFinished() {
    return !finished.isEmpty() && finished.containsAll(begun);
  }

  /// Writes `[DONE]` after a whole answer that has none yet.
  void end() {
    if (isFinished() && !done) {
      flush();
      out.writeBytes(DONE);
      done = true;
    }
  }

  /// What was written since the last call: the very array that events came in, if they fill it and
  /// are all there is.
  byte[] take() {
    if (out.size() == 0) {
      boolean fills = passingFrom == 0 && passingTo == passing.length;
      byte[] taken = fills ? passing : Arrays.copyOfRange(passing, passingFrom, passingTo);
      forgetPassing();
      return taken;
    }
    flush();
    byte[] taken = out.toByteArray();
    out.reset();
    return taken;
  }

  private void flush() {
    out.write(passing, passingFrom, passingTo - passingFrom);
    forgetPassing();
  }

  private void forgetPassing() {
    passing = NOTHING;
    passingFrom = 0;
    passingTo = 0;
  }
}
