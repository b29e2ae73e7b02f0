package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.memory.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Passes a stream of Google through unchanged, and observes content, usage, end and errors. No
/// mark ends such a stream: it is complete when each of its candidates has finished.
final class GeminiTap extends StreamTap {
  private final ChoiceTracker choices = new ChoiceTracker();

  /// The candidates that have called functions.
  private final Set<Integer> calling = new HashSet<>();

  /// The latest counts, which are the totals.
  private JsonNode usage = MissingNode.getInstance();

  private long usageBytes;

  /// @param reservation accounts for the memory of the tap
  GeminiTap(MemoryBudget.Reservation reservation) {
    super(reservation);
  }

  @Override
  long stateBytes() {
    return usageBytes;
  }

  @Override
  boolean isFinished() {
    return choices.isFinished();
  }

  @Override
  void writeEnd() {}

  @Override
  public void handle(SseEvent event) {
    // An error within a stream is JSON without a field name.
    String data =
        event.isOtherFormat()
            ? new String(event.raw(), StandardCharsets.UTF_8).strip()
            : event.data();
    if (data.isBlank()) {
      // Some clients take a comment for JSON.
      return;
    }
    JsonNode json = memory.parse(data);
    Gemini.error(json)
        .ifPresent(found -> {
          throw found.withOriginal(data);
        });
    if (event.isOtherFormat()) {
      throw event.otherFormatError(memory);
    }
    json.path("candidates").forEach(this::readCandidate);
    if (json.at("/promptFeedback/blockReason").isString()) {
      choices.finish(0, FinishReason.CONTENT_FILTER);
    }
    if (json.path("usageMetadata").isObject()) {
      usage = json.path("usageMetadata");
      usageBytes = StreamMemory.sizeOf(usage);
    }
    out.pass(event);
  }

  private void readCandidate(JsonNode candidate) {
    int choice = candidate.path("index").intValue(0);
    choices.begin(choice);
    for (JsonNode part : candidate.at("/content/parts")) {
      if (part.has("functionCall")) {
        calling.add(choice);
      }
      foundContent(!part.path("text").stringValue("…").isEmpty());
    }
    GeminiResponseReader.finishReason(
            candidate.path("finishReason").stringValue(""), calling.contains(choice))
        .ifPresent(reason -> choices.finish(choice, reason));
  }

  @Override
  public TokenUsage usage() {
    return GeminiResponseReader.usage(usage);
  }

  @Override
  public Optional<FinishReason> finishReason() {
    return choices.firstReason();
  }
}
