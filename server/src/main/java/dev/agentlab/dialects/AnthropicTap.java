package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.memory.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Passes a stream of Anthropic through unchanged, and observes content, usage, end and errors. The
/// deltas after the first are not parsed.
final class AnthropicTap extends StreamTap {
  private static final byte[] DELTA =
      "event: content_block_delta\n".getBytes(StandardCharsets.US_ASCII);

  private static final Set<String> EMPTY_AT_START = Set.of("text", "thinking");

  /// The latest usage counts: the input counts from the start of the message, all counts at its
  /// end.
  private final ObjectNode usageCounts = ProviderJson.object();

  private long usageBytes;
  private boolean hasStarted;
  private Optional<FinishReason> finishReason = Optional.empty();

  /// @param reservation accounts for the memory of the tap
  AnthropicTap(MemoryBudget.Reservation reservation) {
    super(reservation);
  }

  @Override
  long stateBytes() {
    return usageBytes;
  }

  @Override
  boolean isFinished() {
    return finishReason.isPresent();
  }

  @Override
  void writeEnd() {
    out.append().ascii("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  }

  @Override
  public void handle(SseEvent event) {
    if (hasContent() && isDelta(event)) {
      out.pass(event);
    } else {
      readEvent(event, event.name());
    }
  }

  private static boolean isDelta(SseEvent event) {
    int from = event.from();
    return event.to() - from > DELTA.length
        && Arrays.equals(event.array(), from, from + DELTA.length, DELTA, 0, DELTA.length);
  }

  private void readEvent(SseEvent event, String name) {
    if (event.isOtherFormat()) {
      throw event.otherFormatError(memory);
    }
    String data = event.data().strip();
    if (data.isEmpty() && !name.equals("error")) {
      // A comment, which is a keep-alive.
      if (hasStarted) {
        out.pass(event);
      }
      return;
    }
    if (name.equals("error") && !data.startsWith("{")) {
      throw new ProviderErrorException(data.isEmpty() ? "unknown error" : data, Optional.empty());
    }
    JsonNode json = memory.parse(data);
    ProviderErrorException.find(json)
        .ifPresent(found -> {
          throw found.withOriginal(data);
        });
    switch (json.path("type").stringValue("")) {
      case "message_start" -> {
        hasStarted = true;
        addCounts(json.at("/message/usage"));
      }
      case "message_delta" -> {
        addCounts(json.path("usage"));
        json.at("/delta/stop_reason")
            .stringValueOpt()
            .map(AnthropicResponseReader::finishReason)
            .ifPresent(reason -> finishReason = Optional.of(reason));
      }
      case "message_stop" -> {
        if (!hasStarted) {
          throw new ProviderErrorException(
              "the stream ended without a completion", Optional.empty());
        }
        end();
      }
      // The start of a text or of thinking is empty.
      case "content_block_start" ->
          foundContent(!EMPTY_AT_START.contains(json.at("/content_block/type").stringValue("")));
      case "content_block_delta" -> foundContent(true);
      default -> {}
    }
    out.pass(event);
  }

  private void addCounts(JsonNode usage) {
    usage.forEachEntry((name, value) -> {
      if (!value.isNull()) {
        usageCounts.set(name, value);
      }
    });
    usageBytes += StreamMemory.sizeOf(usage);
  }

  @Override
  public TokenUsage usage() {
    return usageCounts.isEmpty() ? TokenUsage.NONE : AnthropicResponseReader.usage(usageCounts);
  }

  @Override
  public Optional<FinishReason> finishReason() {
    return finishReason;
  }
}
