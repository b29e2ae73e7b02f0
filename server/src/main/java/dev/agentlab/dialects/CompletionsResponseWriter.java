package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ChoiceVendorData;
import dev.agentlab.conversation.StreamEvent.LogProbabilities;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.TokenUsage;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Assembles the events of a response into OpenAI's `text_completion`.
final class CompletionsResponseWriter implements ClientResponseWriter {
  private final String requestedModel;
  private final Instant at;
  private final SortedMap<Integer, Choice> choices = new TreeMap<>();
  private ResponseStarted start =
      new ResponseStarted(Optional.empty(), Optional.empty(), OptionalLong.empty());
  private TokenUsage usage = TokenUsage.NONE;

  /// A choice whose text is still growing.
  private static final class Choice {
    private final ObjectNode json;
    private final StringBuilder text = new StringBuilder();
    private int textOffset;
    private Optional<FinishReason> reason = Optional.empty();

    private Choice(int index) {
      json = Completions.choice(index, "");
    }

    private void addLogProbabilities(JsonNode ofChat) {
      textOffset = Completions.addLogProbabilities(ofChat, json, textOffset);
    }
  }

  /// @param requestedModel the model if the response does not name one
  /// @param at when the response arrived
  CompletionsResponseWriter(String requestedModel, Instant at) {
    this.requestedModel = requestedModel;
    this.at = at;
  }

  @Override
  public void write(StreamEvent event) {
    switch (event) {
      case ResponseStarted started -> start = started;
      case ChoiceEvent choiceEvent ->
          write(choices.computeIfAbsent(choiceEvent.choice(), Choice::new), choiceEvent);
      case ResponseFinished finished -> usage = finished.usage();
      case ResponseFailed failed -> throw ProviderErrorException.of(failed);
    }
  }

  private static void write(Choice choice, ChoiceEvent event) {
    switch (event) {
      case TextDelta delta -> choice.text.append(delta.text());
      case VendorContent content -> Completions.refusal(content).ifPresent(choice.text::append);
      case LogProbabilities probabilities ->
          choice.addLogProbabilities(
              ChatCompletionsStreamWriter.logProbabilities(probabilities.tokens()));
      case ChoiceVendorData data -> choice.addLogProbabilities(Completions.logProbabilities(data));
      case ChoiceFinished finished -> {
        choice.reason = Optional.of(finished.reason());
        choice.json.put("finish_reason", Completions.finishReason(finished));
      }
      default -> {}
    }
  }

  @Override
  public CompleteAnswer toAnswer() {
    ObjectNode json = Completions.response(start, requestedModel, at);
    ArrayNode list = json.putArray("choices");
    choices.values().forEach(it -> list.add(it.json.put("text", it.text.toString())));
    if (!usage.equals(TokenUsage.NONE)) {
      json.set("usage", OpenAiUsage.CHAT.write(usage));
    }
    Optional<FinishReason> reason =
        choices.isEmpty() ? Optional.empty() : choices.firstEntry().getValue().reason;
    return new CompleteAnswer(ProviderJson.MAPPER.writeValueAsBytes(json), usage, reason);
  }
}
