package dev.agentlab.dialects;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The output side of the canonical stream: collects events and tracks whether the completion is
/// complete.
final class CanonicalStream {
  static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] EMPTY = new byte[0];

  /// More than any provider returns. The limit is needed because some members are repeated for each
  /// choice.
  private static final int MAX_CHOICES = 128;

  private final StreamMemory memory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  /// Adjacent input events that are passed through unchanged and not copied yet.
  private byte[] pending = EMPTY;

  private int pendingFrom;
  private int pendingTo;

  private Optional<JsonNode> usage = Optional.empty();
  private long usageBytes;
  private final Set<Integer> begunChoices = new HashSet<>();
  private final Set<Integer> finishedChoices = new HashSet<>();
  private boolean isDone;
  private boolean hasContent;

  CanonicalStream(StreamMemory memory) {
    this.memory = memory;
  }

  /// Accounts for the memory of the writers to this stream.
  StreamMemory memory() {
    return memory;
  }

  /// Writes an event with this JSON as its data.
  void writeEvent(JsonNode json) {
    flush();
    out.writeBytes(DATA);
    out.writeBytes(ProviderJson.MAPPER.writeValueAsBytes(json));
    out.writeBytes(END);
  }

  /// Writes an input event unchanged.
  @SuppressWarnings("ReferenceEquality") // Offsets are valid only in the same array.
  void passThrough(SseEvent event) {
    if (event.array() != pending || event.from() != pendingTo) {
      flush();
      pending = event.array();
      pendingFrom = event.from();
    }
    pendingTo = event.to();
  }

  /// Records that a choice has begun.
  ///
  /// @return whether the choice is new
  /// @throws ProviderErrorException if there are too many choices
  boolean beginChoice(int choice) {
    boolean isNew = begunChoices.add(choice);
    if (begunChoices.size() > MAX_CHOICES) {
      throw new ProviderErrorException(
          "the response has more than %d choices".formatted(MAX_CHOICES), Optional.empty());
    }
    return isNew;
  }

  /// Requires that a choice has begun, which is a precondition for the end of the completion.
  ///
  /// @throws ProviderErrorException if no choice has begun
  void requireChoice() {
    if (begunChoices.isEmpty()) {
      throw new ProviderErrorException("the stream ended without a completion", Optional.empty());
    }
  }

  /// Records the finish reason of a choice.
  void finishChoice(int choice) {
    beginChoice(choice);
    finishedChoices.add(choice);
  }

  /// Records that `[DONE]` has been written.
  void markDone() {
    isDone = true;
  }

  /// Records a part of a message, OpenAI's `delta`.
  void recordDelta(JsonNode delta) {
    hasContent = hasContent || delta.propertyStream().anyMatch(CanonicalStream::isContent);
  }

  private static boolean isContent(Map.Entry<String, JsonNode> member) {
    JsonNode value = member.getValue();
    boolean isEmpty = value.isString() ? value.stringValue().isEmpty() : value.isEmpty();
    return !isEmpty && !member.getKey().equals("role");
  }

  /// Whether a part of a message other than its role has been written.
  boolean hasContent() {
    return hasContent;
  }

  /// Records OpenAI's `usage` object.
  void recordUsage(JsonNode newUsage) {
    usage = Optional.of(newUsage);
    usageBytes = StreamMemory.sizeOf(newUsage);
  }

  /// The number of bytes that are retained between events.
  long retainedBytes() {
    return usageBytes;
  }

  Optional<JsonNode> usage() {
    return usage;
  }

  /// Whether `[DONE]` has been written.
  boolean isDone() {
    return isDone;
  }

  boolean isComplete() {
    return isDone || isFinished();
  }

  private boolean isFinished() {
    return !finishedChoices.isEmpty() && finishedChoices.containsAll(begunChoices);
  }

  /// Writes `[DONE]` if the completion is complete and `[DONE]` has not been written.
  void finish() {
    if (isFinished() && !isDone) {
      flush();
      out.writeBytes(DONE);
      isDone = true;
    }
  }

  /// Returns the output since the previous call. If the output is exactly the input array, that
  /// array is returned without a copy.
  byte[] take() {
    if (out.size() == 0) {
      boolean fills = pendingFrom == 0 && pendingTo == pending.length;
      byte[] taken = fills ? pending : Arrays.copyOfRange(pending, pendingFrom, pendingTo);
      clearPending();
      return taken;
    }
    flush();
    byte[] taken = out.toByteArray();
    out.reset();
    return taken;
  }

  private void flush() {
    out.write(pending, pendingFrom, pendingTo - pendingFrom);
    clearPending();
  }

  private void clearPending() {
    pending = EMPTY;
    pendingFrom = 0;
    pendingTo = 0;
  }
}
