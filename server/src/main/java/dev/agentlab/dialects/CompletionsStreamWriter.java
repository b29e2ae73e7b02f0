package dev.agentlab.dialects;

import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ChoiceVendorData;
import dev.agentlab.conversation.StreamEvent.LogProbabilities;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.TokenUsage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a response as OpenAI's stream of `text_completion` objects and `[DONE]`.
final class CompletionsStreamWriter implements ClientStreamWriter {
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  private final Utf8JsonWriter out = new Utf8JsonWriter();
  private final ExpectedStream expected;
  private final Instant at;
  private ResponseStarted start =
      new ResponseStarted(Optional.empty(), Optional.empty(), OptionalLong.empty());

  /// The length of the text whose probabilities have been written, by choice.
  private final Map<Integer, Integer> textOffsets = new HashMap<>();

  /// @param at when the stream began
  CompletionsStreamWriter(ExpectedStream expected, Instant at) {
    this.expected = expected;
    this.at = at;
  }

  @Override
  public void write(StreamEvent event) {
    switch (event) {
      case ResponseStarted started -> start = started;
      case TextDelta delta -> chunk(Completions.choice(delta.choice(), delta.text()));
      case VendorContent content ->
          Completions.refusal(content)
              .ifPresent(text -> chunk(Completions.choice(content.choice(), text)));
      case LogProbabilities probabilities ->
          logProbabilities(
              probabilities.choice(),
              ChatCompletionsStreamWriter.logProbabilities(probabilities.tokens()));
      case ChoiceVendorData data ->
          logProbabilities(data.choice(), Completions.logProbabilities(data));
      case ChoiceFinished finished ->
          chunk(
              Completions.choice(finished.choice(), "")
                  .put("finish_reason", Completions.finishReason(finished)));
      case ResponseFinished finished -> {
        usage(finished.usage());
        out.raw(DONE);
      }
      default -> {}
    }
  }

  private void logProbabilities(int index, JsonNode ofChat) {
    if (!ofChat.path("content").isEmpty()) {
      ObjectNode choice = Completions.choice(index, "");
      textOffsets.merge(
          index,
          Completions.addLogProbabilities(ofChat, choice, textOffsets.getOrDefault(index, 0)),
          (_, offset) -> offset);
      chunk(choice);
    }
  }

  private void chunk(ObjectNode choice) {
    ObjectNode json = completion();
    json.putArray("choices").add(choice);
    event(json);
  }

  private void usage(TokenUsage usage) {
    if (!usage.equals(TokenUsage.NONE) && expected.includesUsage() && !expected.hidesUsage()) {
      ObjectNode json = completion();
      json.putArray("choices");
      event(json.set("usage", OpenAiUsage.CHAT.write(usage)));
    }
  }

  private ObjectNode completion() {
    return Completions.response(start, expected.model(), at);
  }

  private void event(ObjectNode json) {
    out.ascii("data: ").value(json).ascii("\n\n");
  }

  @Override
  public byte[] take() {
    return out.take();
  }
}
