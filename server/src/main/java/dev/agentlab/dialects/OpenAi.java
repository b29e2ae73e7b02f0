package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

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
  public boolean isNative() {
    return true;
  }

  @Override
  public ProviderRequest translateRequest(ModelRequest request) {
    RequestJson json = request.json();
    for (Rule rule : rules) {
      if (rule.operation() == request.operation() && json.has(rule.member())) {
        json = apply(rule, json);
      }
    }
    return new ProviderRequest(
        request.operation().path(), withOwn(request.vendorHeaders()), json.toBytes(), List.of());
  }

  /// The header fields of a client, and those of the provider over them.
  private Map<String, String> withOwn(Map<String, String> vendorHeaders) {
    if (vendorHeaders.isEmpty()) {
      return headers;
    }
    Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(vendorHeaders);
    headers.forEach((name, value) -> {
      all.remove(name);
      all.put(name, value);
    });
    return all;
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
  public Optional<CompleteAnswer> scanResponse(ModelRequest request, byte[] body) {
    return request.format() == ResponseFormat.CHAT_COMPLETION
        ? ChatCompletionsScanner.scan(body, resultMember(request))
        : Optional.empty();
  }

  @Override
  public CompleteAnswer translateResponse(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = parse(request, body);
    if (request.format() != ResponseFormat.CHAT_COMPLETION) {
      ClientResponseWriter writer = request.format().responseWriter(request.model(), at);
      ChatCompletionsEventReader.readResponse(json, writer::write);
      return writer.toAnswer();
    }
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
    if (expected.format() == ResponseFormat.CHAT_COMPLETION) {
      return new ChatCompletionsTap(expected, memory);
    }
    StreamMemory streamMemory = new StreamMemory(memory);
    return new TranslatedStream(
        streamMemory,
        expected.format().streamWriter(expected, at),
        events ->
            new SseStreamReader(
                streamMemory,
                events,
                translated -> new ChatCompletionsStreamReader(streamMemory, translated)));
  }

  @Override
  public StreamReader translateResponseToStream(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = parse(request, body);
    return new ConvertedResponse(
        request.format().streamWriter(request.expectedStream(), at),
        events -> ChatCompletionsEventReader.readResponse(json, events));
  }
}
