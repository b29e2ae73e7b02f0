package dev.agentlab.wire;

import dev.agentlab.errors.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
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
  public WireRequest write(ModelRequest request) {
    List<Rule> broken =
        rules.stream()
            .filter(rule -> rule.operation() == request.operation())
            .filter(rule -> request.body().has(rule.member()))
            .filter(rule -> isBroken(rule, request.body().path(rule.member())))
            .toList();
    byte[] bytes =
        broken.isEmpty()
            ? request.bytes()
            : WireJson.MAPPER.writeValueAsBytes(obeying(broken, request.body().deepCopy()));
    String path =
        switch (request.operation()) {
          case CHAT -> "chat/completions";
          case EMBEDDINGS -> "embeddings";
        };
    return new WireRequest(path, headers, bytes, List.of());
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
  public byte[] answer(ModelRequest request, byte[] body, Instant at) {
    JsonNode json;
    try {
      json = WireJson.MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw new ProviderFault("the answer is not JSON", Optional.empty());
    }
    fault(json)
        .ifPresent(fault -> {
          throw fault;
        });
    String expected = request.operation() == Operation.CHAT ? "choices" : "data";
    if (!json.path(expected).isArray()) {
      throw new ProviderFault("the answer has no " + expected, Optional.empty());
    }
    return body;
  }

  @Override
  public StreamReader stream(ModelRequest request, Instant at) {
    return new SseReader(new Relay(request.usageIsOurs()));
  }

  /// The error that stands where an answer should: OpenAI's `error`, or vLLM's `object: error`.
  static Optional<ProviderFault> fault(JsonNode json) {
    JsonNode error = json.path("error");
    if (error.isObject() || error.isString()) {
      String message = error.path("message").stringValue(error.stringValue("unknown error"));
      return Optional.of(new ProviderFault(message, error.path("type").stringValueOpt()));
    }
    return json.path("object").stringValue("").equals("error")
        ? Optional.of(
            new ProviderFault(
                json.path("message").stringValue("unknown error"),
                json.path("type").stringValueOpt()))
        : Optional.empty();
  }

  /// Lets events pass as they came and looks, without reading the JSON, for the few members that
  /// say how the stream fares.
  ///
  /// @param hidesUsage whether the caller did not ask for the usage that the stream carries
  private record Relay(boolean hidesUsage) implements SseReader.Translator {
    private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "event:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FINISH_REASON =
        "finish_reason\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ERROR = "error\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] USAGE = "usage\"".getBytes(StandardCharsets.US_ASCII);

    @Override
    public void translate(SseEvent event, CanonicalStream out) {
      byte[] array = event.array();
      int from = event.from();
      if (startsWith(array, from, event.to(), DATA)) {
        int start = skipSpaces(array, from + DATA.length, event.to());
        if (startsWith(array, start, event.to(), DONE)) {
          out.relay(event);
          out.done();
          return;
        }
        sniff(event, start, out);
      } else if (startsWith(array, from, event.to(), EVENT) || event.data().startsWith("{")) {
        read(event, out);
      } else {
        out.relay(event);
      }
    }

    /// A name stands between quotes and before a colon. Within a text its quotes would be escaped.
    private void sniff(SseEvent event, int start, CanonicalStream out) {
      byte[] array = event.array();
      int end = event.to();
      boolean finished = false;
      for (int i = start; i < end; i++) {
        if (array[i] != '"' || i + 1 == end) {
          continue;
        }
        switch (array[i + 1]) {
          case 'f' -> finished |= value(array, i + 1, end, FINISH_REASON) == '"';
          case 'e' -> {
            int value = value(array, i + 1, end, ERROR);
            if (value == '{' || value == '"') {
              read(event, out);
              return;
            }
          }
          case 'u' -> {
            if (value(array, i + 1, end, USAGE) == '{') {
              read(event, out);
              return;
            }
          }
          default -> {}
        }
      }
      if (finished) {
        out.finished();
      }
      out.relay(event);
    }

    /// The first character of the value that follows a name at a place; 0 if it does not.
    private static int value(byte[] array, int at, int end, byte[] name) {
      if (!startsWith(array, at, end, name)) {
        return 0;
      }
      int colon = skipSpaces(array, at + name.length, end);
      if (colon == end || array[colon] != ':') {
        return 0;
      }
      int value = skipSpaces(array, colon + 1, end);
      return value == end ? 0 : array[value];
    }

    private void read(SseEvent event, CanonicalStream out) {
      String data = event.data();
      if (data.equals("[DONE]")) {
        out.relay(event);
        out.done();
        return;
      }
      JsonNode json = WireJson.MAPPER.readTree(data);
      fault(json)
          .ifPresent(fault -> {
            throw fault;
          });
      if (event.name().equals("error")) {
        throw new ProviderFault(
            json.path("message").stringValue("unknown error"), Optional.empty());
      }
      json.path("choices")
          .forEach(choice -> {
            if (choice.path("finish_reason").isString()) {
              out.finished();
            }
          });
      JsonNode usage = json.path("usage");
      if (!usage.isObject()) {
        out.relay(event);
        return;
      }
      out.usage(usage);
      if (!hidesUsage) {
        out.relay(event);
      } else if (json.path("choices").size() > 0) {
        out.event(((ObjectNode) json.deepCopy()).without("usage"));
      }
    }

    private static int skipSpaces(byte[] array, int from, int end) {
      int i = from;
      while (i < end && (array[i] == ' ' || array[i] == '\t')) {
        i++;
      }
      return i;
    }

    private static boolean startsWith(byte[] array, int from, int end, byte[] text) {
      return end - from >= text.length
          && Arrays.equals(array, from, from + text.length, text, 0, text.length);
    }
  }
}
