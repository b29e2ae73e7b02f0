package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.StreamEvent.ChoiceFinished;
import dev.agentlab.conversation.StreamEvent.ChoiceVendorData;
import dev.agentlab.conversation.StreamEvent.ResponseStarted;
import dev.agentlab.conversation.StreamEvent.VendorContent;
import dev.agentlab.conversation.VendorMembers;
import dev.agentlab.errors.InvalidInputException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;

/// OpenAI's completions API (https://platform.openai.com/docs/api-reference/completions), for
/// models that only have chats: the prompt is the message of a user, and the text of the answer is
/// the completion. Reasoning has no place in it.
final class Completions {
  private static final String PROMPT = "prompt";
  private static final String LOG_PROBABILITIES = "logprobs";

  /// Members of chats whose answers have no place in a text.
  private static final List<String> CHAT_ONLY = List.of("tools", "functions", "audio");

  private Completions() {}

  /// Converts a request to one for a chat.
  ///
  /// @throws InvalidInputException if a chat cannot do what the request asks for; names the member
  static RequestJson toChat(RequestJson request) {
    requireAbsent(request, "suffix", "a chat cannot insert text");
    requireAbsent(request, "echo", "a chat does not repeat the prompt");
    CHAT_ONLY.forEach(
        member -> requireAbsent(request, member, "the response is text: use /chat/completions"));
    // The number of completions from which the server selects.
    if (request.value("best_of").intValue(1) > Math.max(1, request.value("n").intValue(1))) {
      throw new InvalidInputException("best_of", "must be at most n: a chat does not select");
    }
    ArrayNode messages = ProviderJson.array();
    messages.addObject().put("role", "user").set("content", prompt(request.value(PROMPT)));
    RequestJson chat =
        request
            .without("suffix")
            .without("echo")
            .without("best_of")
            .without(PROMPT)
            .with("messages", messages);
    return withLogProbabilities(chat);
  }

  private static void requireAbsent(RequestJson request, String member, String reason) {
    if (request.has(member) && RequestMemberReader.hasEffect(nonNull(request.value(member)))) {
      throw new InvalidInputException(member, "must be absent for this model: " + reason);
    }
  }

  private static JsonNode nonNull(JsonNode value) {
    return value.isNull() ? BooleanNode.FALSE : value;
  }

  private static JsonNode prompt(JsonNode prompt) {
    JsonNode text = prompt.isArray() && prompt.size() == 1 ? prompt.path(0) : prompt;
    if (!text.isString() || text.stringValue().isEmpty()) {
      throw new InvalidInputException(
          PROMPT, "must be one non-empty text for this model, not several or tokens");
    }
    return text;
  }

  /// Replaces the number of most likely tokens by the two members of a chat.
  private static RequestJson withLogProbabilities(RequestJson request) {
    JsonNode count = request.value(LOG_PROBABILITIES);
    return count.isNumber()
        ? request.with(LOG_PROBABILITIES, BooleanNode.TRUE).with("top_logprobs", count)
        : request;
  }

  /// Begins a response or a chunk.
  ///
  /// @param requestedModel the model if the response does not name one
  /// @param at when the response arrived
  static ObjectNode response(ResponseStarted started, String requestedModel, Instant at) {
    return ProviderJson.object()
        .put("id", started.id().orElse("cmpl-" + at.toEpochMilli()))
        .put("object", "text_completion")
        .put("created", started.created().orElse(at.getEpochSecond()))
        .put("model", started.model().orElse(requestedModel));
  }

  /// A choice without an end.
  static ObjectNode choice(int index, String text) {
    return ProviderJson.object()
        .put("text", text)
        .put("index", index)
        .putNull(LOG_PROBABILITIES)
        .putNull("finish_reason");
  }

  static String finishReason(ChoiceFinished finished) {
    return finished.reason() == FinishReason.TOOL_CALLS
        ? "stop"
        : ChatCompletions.finishReason(
            finished.reason(), finished.vendor(), finished.vendorReason());
  }

  /// The text of a refusal, which is a member of its own in a chat.
  static Optional<String> refusal(VendorContent content) {
    return own(content.content()).flatMap(members -> members.path("refusal").stringValueOpt());
  }

  /// The `logprobs` of a chat, if the data contains them.
  static JsonNode logProbabilities(ChoiceVendorData data) {
    return own(data.data())
        .map(members -> members.path(LOG_PROBABILITIES))
        .orElseGet(ProviderJson::object);
  }

  private static Optional<ObjectNode> own(VendorMembers data) {
    return data.vendor().equals(ChatCompletions.VENDOR)
        ? Optional.of(data.members())
        : Optional.empty();
  }

  /// Adds the `logprobs` of a chat to a choice.
  ///
  /// @param textOffset the length of the text before these tokens
  /// @return the length of the text with them
  static int addLogProbabilities(JsonNode ofChat, ObjectNode choice, int textOffset) {
    int offset = textOffset;
    for (JsonNode token : ofChat.path("content")) {
      ObjectNode lists = choice.withObject(LOG_PROBABILITIES);
      String text = token.path("token").stringValue("");
      lists.withArrayProperty("tokens").add(text);
      lists.withArrayProperty("token_logprobs").add(token.path("logprob"));
      lists.withArrayProperty("text_offset").add(offset);
      ObjectNode alternatives = lists.withArrayProperty("top_logprobs").addObject();
      for (JsonNode alternative : token.path("top_logprobs")) {
        alternatives.set(alternative.path("token").stringValue(""), alternative.path("logprob"));
      }
      offset += text.length();
    }
    return offset;
  }
}
