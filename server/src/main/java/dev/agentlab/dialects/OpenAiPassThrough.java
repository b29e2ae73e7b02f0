package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.dialects.OpenAi.Rule;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/// How OpenAI's requests and responses pass to and from providers with its API. Responses, and
/// requests that no [Rule] changes, keep their original bytes.
///
/// @param headers the header fields that every request has
record OpenAiPassThrough(List<Rule> rules, Map<String, String> headers) implements PassThrough {

  @Override
  public ProviderRequest request(ModelRequest request) {
    return new ProviderRequest(
        request.operation().path(),
        PassThrough.headers(request.vendorHeaders(), headers),
        applyRules(request.json(), request.operation()).toBytes(),
        List.of());
  }

  /// Applies the rules of an operation to a request.
  ///
  /// @throws InvalidInputException if the value of a member is rejected
  RequestJson applyRules(RequestJson request, Operation operation) {
    RequestJson json = request;
    for (Rule rule : rules) {
      if (rule.operation() == operation && json.has(rule.member())) {
        json = apply(rule, json);
      }
    }
    return json;
  }

  /// Applies a rule to a request that has its member.
  ///
  /// @throws InvalidInputException if the value of the member is rejected
  private static RequestJson apply(Rule rule, RequestJson json) {
    return switch (rule) {
      case Rule.Reject(_, String member, Predicate<JsonNode> condition, String message) -> {
        rejectIf(condition.test(json.value(member)), member, message);
        yield json;
      }
      case Rule.Unsupported(_, String member, Predicate<JsonNode> condition, String message) -> {
        rejectIf(condition.test(json.value(member)), member, message);
        yield json.without(member);
      }
      case Rule.Rename(_, String member, String to) ->
          json.has(to) ? json.without(member) : json.renamed(member, to);
      case Rule.Omit(_, String member) -> json.without(member);
    };
  }

  private static void rejectIf(boolean isRejected, String member, String message) {
    if (isRejected) {
      throw new InvalidInputException(member, message);
    }
  }

  @Override
  public Optional<CompleteAnswer> scan(Operation operation, byte[] body) {
    return ChatCompletionsScanner.scan(body, resultMember(operation));
  }

  @Override
  public CompleteAnswer read(Operation operation, JsonNode json, byte[] body) {
    String expected = resultMember(operation);
    if (!json.path(expected).isArray()) {
      throw new ProviderErrorException("the response has no " + expected, Optional.empty());
    }
    Optional<FinishReason> finishReason =
        json.at("/choices/0/finish_reason").stringValueOpt().map(ChatCompletions::finishReason);
    return new CompleteAnswer(body, OpenAiUsage.CHAT.read(json.path("usage")), finishReason);
  }

  /// The array that a response has.
  private static String resultMember(Operation operation) {
    return operation == Operation.CHAT ? "choices" : "data";
  }

  @Override
  public StreamReader stream(ExpectedStream expected, MemoryBudget.Reservation memory) {
    return new ChatCompletionsTap(expected, memory);
  }
}
