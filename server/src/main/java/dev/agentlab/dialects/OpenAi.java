package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The dialect of OpenAI and of the APIs that are compatible with it, for clients that speak it too
/// (https://platform.openai.com/docs/api-reference/chat). Responses, and requests that no [Rule]
/// changes, keep their original bytes.
public final class OpenAi implements Dialect {

  /// A difference between the requests that a compatible API accepts and those of OpenAI.
  public sealed interface Rule {
    /// The operation to which the rule applies.
    Operation operation();

    /// The request member to which the rule applies.
    String member();

    /// A member that the API rejects with certain values.
    ///
    /// @param condition whether a value is rejected
    /// @param message the error message, the rest of a sentence that begins with the member
    record Reject(Operation operation, String member, Predicate<JsonNode> condition, String message)
        implements Rule {}

    /// A member that the API does not have and rejects with any value. It is removed if its value
    /// has no effect, and rejected otherwise.
    ///
    /// @param condition whether a value has an effect
    /// @param message the error message, the rest of a sentence that begins with the member
    record Unsupported(
        Operation operation, String member, Predicate<JsonNode> condition, String message)
        implements Rule {}

    /// A member that has another name in the API.
    record Rename(Operation operation, String member, String to) implements Rule {}

    /// A member that the API rejects although its behavior is the requested one; the member is
    /// removed.
    record Omit(Operation operation, String member) implements Rule {}
  }

  private final List<Rule> rules;
  private final Map<String, String> headers;

  private OpenAi(List<Rule> rules, Map<String, String> headers) {
    this.rules = rules;
    this.headers = headers;
  }

  /// The dialect of an API that differs from OpenAI by some rules.
  public static OpenAi withRules(Rule... rules) {
    return new OpenAi(List.of(rules), Map.of());
  }

  /// A copy that adds headers to every request.
  public OpenAi withHeaders(Map<String, String> headers) {
    return new OpenAi(rules, Map.copyOf(headers));
  }

  @Override
  public ProviderRequest translateRequest(ModelRequest request) {
    List<Rule> applicable =
        rules.stream()
            .filter(rule -> rule.operation() == request.operation())
            .filter(rule -> request.body().has(rule.member()))
            .filter(rule -> requiresChange(rule, request.body().path(rule.member())))
            .toList();
    byte[] bytes =
        applicable.isEmpty()
            ? request.bytes()
            : ProviderJson.MAPPER.writeValueAsBytes(
                applyRules(applicable, request.body().deepCopy()));
    String path =
        switch (request.operation()) {
          case CHAT -> "chat/completions";
          case EMBEDDINGS -> "embeddings";
        };
    return new ProviderRequest(path, headers, bytes, List.of());
  }

  /// Whether a request with this value of the rule's member has to be changed.
  ///
  /// @throws InvalidInputException if the value is rejected
  private static boolean requiresChange(Rule rule, JsonNode value) {
    return switch (rule) {
      case Rule.Reject(_, String member, Predicate<JsonNode> condition, String message) -> {
        rejectIf(condition.test(value), member, message);
        yield false;
      }
      case Rule.Unsupported(_, String member, Predicate<JsonNode> condition, String message) -> {
        rejectIf(condition.test(value), member, message);
        yield true;
      }
      case Rule.Rename _, Rule.Omit _ -> true;
    };
  }

  private static void rejectIf(boolean isRejected, String member, String message) {
    if (isRejected) {
      throw new InvalidInputException(member, message);
    }
  }

  private static ObjectNode applyRules(List<Rule> applicable, ObjectNode body) {
    for (Rule rule : applicable) {
      JsonNode value = body.remove(rule.member());
      if (rule instanceof Rule.Rename rename && !body.has(rename.to())) {
        body.set(rename.to(), value);
      }
    }
    return body;
  }

  @Override
  public CompleteAnswer translateResponse(ModelRequest request, byte[] body, Instant at) {
    return ChatCompletionsScanner.scan(body, resultMember(request))
        .orElseGet(() -> parseAnswer(request, body));
  }

  private static CompleteAnswer parseAnswer(ModelRequest request, byte[] body) {
    JsonNode json = parse(request, body);
    Optional<FinishReason> finishReason =
        json.at("/choices/0/finish_reason").stringValueOpt().map(ChatCompletions::finishReason);
    return new CompleteAnswer(body, ChatCompletionsUsage.read(json.path("usage")), finishReason);
  }

  private static JsonNode parse(ModelRequest request, byte[] body) {
    JsonNode json = ProviderJson.parseResponse(body, ProviderErrorException::find);
    String expected = resultMember(request);
    if (!json.path(expected).isArray()) {
      throw new ProviderErrorException("the response has no " + expected, Optional.empty());
    }
    return json;
  }

  /// The array that a response has.
  private static String resultMember(ModelRequest request) {
    return request.operation() == Operation.CHAT ? "choices" : "data";
  }

  @Override
  public StreamReader createStreamReader(
      ExpectedStream expected, Instant at, MemoryBudget.Reservation memory) {
    return new ChatCompletionsTap(expected, memory);
  }

  @Override
  public StreamReader translateResponseToStream(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = parse(request, body);
    return new ConvertedResponse(
        new ChatCompletionsStreamWriter(request.expectedStream(), at),
        events -> ChatCompletionsEventReader.readResponse(json, events));
  }
}
