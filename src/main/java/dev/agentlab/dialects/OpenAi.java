package dev.agentlab.dialects;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// OpenAI's own dialect, the canonical one, as OpenAI and the many that imitate it speak it
/// (https://platform.openai.com/docs/api-reference/chat). A request that no [Rule] changes and
/// every answer keep their bytes.
public final class OpenAi implements Dialect {

  /// How an imitation differs from OpenAI in what it takes.
  public sealed interface Rule {
    /// The requests it is about.
    Operation operation();

    /// The member of a request it is about.
    String member();

    /// A member that the API refuses with some values.
    ///
    /// @param why what would be right, the rest of a sentence that begins with the member
    record Refuse(Operation operation, String member, Predicate<JsonNode> when, String why)
        implements Rule {}

    /// A member that the API does not have and refuses whatever its value. One that asks for
    /// nothing is left out.
    ///
    /// @param asks whether a value asks for something
    /// @param why the rest of a sentence that begins with the member
    record Lack(Operation operation, String member, Predicate<JsonNode> asks, String why)
        implements Rule {}

    /// A member that the API knows by another name.
    record Rename(Operation operation, String member, String to) implements Rule {}

    /// A member that the API refuses although it does what the member asks for.
    record Omit(Operation operation, String member) implements Rule {}
  }

  private final List<Rule> rules;
  private final Map<String, String> headers;

  private OpenAi(List<Rule> rules, Map<String, String> headers) {
    this.rules = rules;
    this.headers = headers;
  }

  /// The dialect of an API that differs from OpenAI's by some rules.
  public static OpenAi with(Rule... rules) {
    return new OpenAi(List.of(rules), Map.of());
  }

  /// The same, with header fields beside every request.
  public OpenAi sending(Map<String, String> fields) {
    return new OpenAi(rules, Map.copyOf(fields));
  }

  @Override
  public ProviderRequest write(ModelRequest request) {
    List<Rule> broken =
        rules.stream()
            .filter(rule -> rule.operation() == request.operation())
            .filter(rule -> request.body().has(rule.member()))
            .filter(rule -> isBroken(rule, request.body().path(rule.member())))
            .toList();
    byte[] bytes =
        broken.isEmpty()
            ? request.bytes()
            : ProviderJson.MAPPER.writeValueAsBytes(obeying(broken, request.body().deepCopy()));
    String path =
        switch (request.operation()) {
          case CHAT -> "chat/completions";
          case EMBEDDINGS -> "embeddings";
        };
    return new ProviderRequest(path, headers, bytes, List.of());
  }

  /// Whether a request with this value of the rule's member has to change.
  ///
  /// @throws InvalidInputException if no change would do
  private static boolean isBroken(Rule rule, JsonNode value) {
    return switch (rule) {
      case Rule.Refuse(_, String member, Predicate<JsonNode> when, String why) -> {
        refuse(when.test(value), member, why);
        yield false;
      }
      case Rule.Lack(_, String member, Predicate<JsonNode> asks, String why) -> {
        refuse(asks.test(value), member, why);
        yield true;
      }
      case Rule.Rename _, Rule.Omit _ -> true;
    };
  }

  private static void refuse(boolean wrong, String member, String why) {
    if (wrong) {
      throw new InvalidInputException(member, why);
    }
  }

  private static ObjectNode obeying(List<Rule> broken, ObjectNode body) {
    for (Rule rule : broken) {
      JsonNode value = body.remove(rule.member());
      if (rule instanceof Rule.Rename rename && !body.has(rename.to())) {
        body.set(rename.to(), value);
      }
    }
    return body;
  }

  @Override
  public CompleteAnswer answer(ModelRequest request, byte[] body, Instant at) {
    JsonNode json = ProviderJson.answer(body, OpenAi::fault);
    String expected = request.operation() == Operation.CHAT ? "choices" : "data";
    if (!json.path(expected).isArray()) {
      throw new ProviderErrorException("the answer has no " + expected, Optional.empty());
    }
    return new CompleteAnswer(body, TokenUsage.of(json.path("usage")));
  }

  @Override
  public StreamReader stream(ExpectedStream expected, Instant at, MemoryBudget.Reservation memory) {
    return new SseReader(new OpenAiStream(expected), memory);
  }

  /// The error that stands where an answer should: OpenAI's `error`, or vLLM's `object: error`.
  static Optional<ProviderErrorException> fault(JsonNode json) {
    JsonNode told = ProviderErrorLabels.told(json);
    JsonNode error = told.path("error");
    if (error.isObject() || error.isString()) {
      String message = error.path("message").stringValue(error.stringValue("unknown error"));
      return Optional.of(new ProviderErrorException(message, ProviderErrorLabels.of(told)));
    }
    return told.path("object").stringValue("").equals("error")
        ? Optional.of(
            new ProviderErrorException(
                told.path("message").stringValue("unknown error"), ProviderErrorLabels.of(told)))
        : Optional.empty();
  }
}
