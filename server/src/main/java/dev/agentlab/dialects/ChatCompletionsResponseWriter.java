package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceEvent;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ChoiceVendorData;
import dev.agentlab.conversation.StreamEvent.LogProbabilities;
import dev.agentlab.conversation.StreamEvent.ReasoningDelta;
import dev.agentlab.conversation.StreamEvent.ReasoningEnded;
import dev.agentlab.conversation.StreamEvent.ResponseFailed;
import dev.agentlab.conversation.StreamEvent.ResponseFinished;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.StreamEvent.TextDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputDelta;
import dev.agentlab.conversation.StreamEvent.ToolInputStarted;
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.TokenUsage;
import dev.agentlab.conversation.VendorMembers;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/// Assembles the events of a response into OpenAI's `chat.completion`.
final class ChatCompletionsResponseWriter implements ClientResponseWriter {
  private static final String CONTENT = "content";
  private static final String REASONING = "reasoning_content";

  private final String requestedModel;
  private final Instant at;
  private final SortedMap<Integer, Choice> choices = new TreeMap<>();
  private ResponseStarted start =
      new ResponseStarted(Optional.empty(), Optional.empty(), OptionalLong.empty());
  private TokenUsage usage = TokenUsage.NONE;
  private Optional<VendorMembers> vendorData = Optional.empty();

  /// A choice whose texts are still growing.
  private static final class Choice {
    private final ObjectNode json = ProviderJson.object();
    private final ObjectNode message;

    /// The text members of the message.
    private final Map<String, StringBuilder> texts = new HashMap<>();

    /// The arguments of each tool call, and the call's `function`, by block.
    private final Map<Integer, StringBuilder> arguments = new HashMap<>();

    private final Map<Integer, ObjectNode> functions = new HashMap<>();
    private Optional<FinishReason> reason = Optional.empty();

    private Choice(int index) {
      json.put("index", index);
      message = json.putObject("message").put("role", "assistant").putNull(CONTENT);
      json.putNull("finish_reason");
    }

    private void append(String member, String text) {
      texts
          .computeIfAbsent(
              member,
              name -> {
                // Keeps the position of the member.
                message.put(name, "");
                return new StringBuilder();
              })
          .append(text);
    }

    private void startTool(ToolInputStarted started) {
      ObjectNode call = message.withArrayProperty("tool_calls").addObject();
      call.put("id", started.callId()).put("type", "function");
      ObjectNode function = call.putObject("function").put("name", started.name());
      functions.put(started.block(), function.put("arguments", ""));
      arguments.put(started.block(), new StringBuilder(started.input()));
      started
          .vendorData()
          .ifPresent(data -> ChatCompletions.merge(ChatCompletions.members(data), call));
    }

    private ObjectNode json() {
      texts.forEach((name, text) -> message.put(name, text.toString()));
      functions.forEach(
          (block, function) -> function.put("arguments", String.valueOf(arguments.get(block))));
      return json;
    }
  }

  /// @param requestedModel the model if the response does not name one
  /// @param at when the response arrived
  ChatCompletionsResponseWriter(String requestedModel, Instant at) {
    this.requestedModel = requestedModel;
    this.at = at;
  }

  @Override
  public void write(StreamEvent event) {
    switch (event) {
      case ResponseStarted started -> start = started;
      case ChoiceEvent choiceEvent -> write(choice(choiceEvent.choice()), choiceEvent);
      case ResponseFinished finished -> {
        usage = finished.usage();
        vendorData = finished.vendorData();
      }
      case ResponseFailed failed -> throw ProviderErrorException.of(failed);
    }
  }

  private static void write(Choice choice, ChoiceEvent event) {
    switch (event) {
      case TextDelta delta -> choice.append(CONTENT, delta.text());
      case ReasoningDelta delta -> choice.append(REASONING, delta.text());
      case ReasoningEnded ended ->
          ended
              .original()
              .ifPresent(original ->
                  ChatCompletions.merge(ChatCompletions.members(original), choice.message));
      case ToolInputStarted started -> choice.startTool(started);
      case ToolInputDelta delta -> {
        StringBuilder arguments = choice.arguments.get(delta.block());
        if (arguments != null) {
          arguments.append(delta.input());
        }
      }
      case VendorContent content ->
          ChatCompletions.append(ChatCompletions.members(content.content()), choice.message);
      case LogProbabilities probabilities ->
          choice.json.set(
              "logprobs", ChatCompletionsStreamWriter.logProbabilities(probabilities.tokens()));
      case ChoiceVendorData data ->
          ChatCompletions.merge(ChatCompletions.members(data.data()), choice.json);
      case ChoiceFinished finished -> {
        choice.reason = Optional.of(finished.reason());
        choice.json.put(
            "finish_reason",
            ChatCompletions.finishReason(
                finished.reason(), finished.vendor(), finished.vendorReason()));
      }
      default -> {}
    }
  }

  private Choice choice(int index) {
    return choices.computeIfAbsent(index, Choice::new);
  }

  /// The completion.
  ObjectNode json() {
    ObjectNode json =
        ProviderJson.object()
            .put("id", start.id().orElse("chatcmpl-" + at.toEpochMilli()))
            .put("object", "chat.completion")
            .put("created", start.created().orElse(at.getEpochSecond()))
            .put("model", start.model().orElse(requestedModel));
    choices.values().forEach(choice -> json.withArrayProperty("choices").add(choice.json()));
    json.withArrayProperty("choices");
    if (!usage.equals(TokenUsage.NONE)) {
      json.set("usage", OpenAiUsage.CHAT.write(usage));
    }
    vendorData.ifPresent(data -> ChatCompletions.merge(ChatCompletions.members(data), json));
    return json;
  }

  @Override
  public CompleteAnswer toAnswer() {
    Optional<FinishReason> reason =
        choices.isEmpty() ? Optional.empty() : choices.firstEntry().getValue().reason;
    return new CompleteAnswer(ProviderJson.MAPPER.writeValueAsBytes(json()), usage, reason);
  }
}
