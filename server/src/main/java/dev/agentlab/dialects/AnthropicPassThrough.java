package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.memory.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// How requests and responses of the Messages API pass to and from Anthropic, as the bytes that
/// they are.
final class AnthropicPassThrough implements PassThrough {
  private static final String MESSAGES = "messages";
  private static final byte[] SIGNATURE = "\"signature\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] THINKING = "\"thinking\"".getBytes(StandardCharsets.US_ASCII);

  @Override
  public ProviderRequest request(ModelRequest request) {
    TranslationWarnings warnings = new TranslationWarnings();
    RequestJson json =
        request
            .defaults()
            .map(it -> withDefaults(request.json(), it, warnings))
            .orElse(request.json());
    byte[] body = json.toBytes();
    if (ReplayCarrier.mayBeIn(body) || mayHaveUnsignedThinking(body)) {
      body = withoutOtherThinking(json).toBytes();
    }
    return new ProviderRequest(
        request.operation().path(),
        // The version of the API is that of the client.
        PassThrough.headers(Anthropic.VERSION_HEADERS, request.vendorHeaders()),
        body,
        warnings.messages());
  }

  /// Whether a block of thinking may have no signature. Reads bytes, because most requests are
  /// large and have none.
  private static boolean mayHaveUnsignedThinking(byte[] body) {
    int blocks = 0;
    int signatures = 0;
    for (int i = 0; i < body.length; i++) {
      if (body[i] != '"') {
        continue;
      }
      if (isAt(body, i, SIGNATURE)) {
        int colon = skipSpaces(body, i + SIGNATURE.length);
        int value = skipSpaces(body, colon + 1);
        if (value + 1 < body.length && body[colon] == ':' && body[value] == '"') {
          if (body[value + 1] == '"') {
            return true;
          }
          signatures++;
        }
      } else if (isAt(body, i, THINKING) && isValue(body, i)) {
        blocks++;
      }
    }
    return blocks > signatures;
  }

  private static boolean isAt(byte[] body, int at, byte[] text) {
    int end = at + text.length;
    return end <= body.length && Arrays.equals(body, at, end, text, 0, text.length);
  }

  private static int skipSpaces(byte[] body, int from) {
    int at = from;
    while (at < body.length && JsonCursor.isSpace(body[at])) {
      at++;
    }
    return at;
  }

  private static boolean isValue(byte[] body, int at) {
    int before = at - 1;
    while (before > 0 && JsonCursor.isSpace(body[before])) {
      before--;
    }
    return body[before] == ':';
  }

  /// Removes the thinking of other vendors, whose models answered earlier in the conversation:
  /// Anthropic refuses what it has not signed, and a message without content.
  private static RequestJson withoutOtherThinking(RequestJson json) {
    if (!(json.value(MESSAGES) instanceof ArrayNode messages)) {
      return json;
    }
    ArrayNode kept = ProviderJson.array();
    boolean isChanged = false;
    for (JsonNode message : messages) {
      List<JsonNode> blocks =
          message.path("content").valueStream().filter(it -> !isOtherThinking(it)).toList();
      if (blocks.size() == message.path("content").size()) {
        kept.add(message);
        continue;
      }
      isChanged = true;
      if (!blocks.isEmpty()) {
        ObjectNode copy = ProviderJson.object().setAll((ObjectNode) message);
        kept.add(copy.set("content", ProviderJson.array().addAll(blocks)));
      }
    }
    return isChanged ? json.with(MESSAGES, kept) : json;
  }

  private static boolean isOtherThinking(JsonNode block) {
    return switch (block.path("type").stringValue("")) {
      case "thinking" -> block.path("signature").stringValue("").isEmpty();
      case "redacted_thinking" ->
          ReplayCarrier.decode(block.path("data").stringValue("")).isPresent();
      default -> false;
    };
  }

  /// Adds the system prompt and the options of an agent, in the form of this API.
  private static RequestJson withDefaults(
      RequestJson json, ChatRequest defaults, TranslationWarnings warnings) {
    ObjectNode written = new AnthropicRequestWriter(defaults, warnings).json();
    RequestJson merged = withSystem(json, written.path("system"));
    for (Map.Entry<String, JsonNode> member : written.properties()) {
      boolean isSet =
          !member.getKey().equals("max_tokens")
              || defaults.options().containsKey(RequestOption.MAX_TOKENS);
      if (isSet
          && !Set.of("model", MESSAGES, "system").contains(member.getKey())
          && !merged.has(member.getKey())) {
        merged = merged.with(member.getKey(), member.getValue());
      }
    }
    return merged;
  }

  private static RequestJson withSystem(RequestJson json, JsonNode first) {
    JsonNode own = json.value("system");
    if (first.isMissingNode()) {
      return json;
    }
    if (own.isMissingNode() || own.isNull() || (own.isEmpty() && own.isArray())) {
      return json.with("system", first);
    }
    List<JsonNode> blocks = blocks(first);
    if (!own.isArray()) {
      ArrayNode all = ProviderJson.array();
      all.addAll(blocks);
      return json.with("system", all.addAll(blocks(own)));
    }
    RequestJson merged = json;
    for (JsonNode block : blocks.reversed()) {
      merged = merged.withFirstElement("system", block);
    }
    return merged;
  }

  /// A system prompt as blocks.
  private static List<JsonNode> blocks(JsonNode system) {
    return system.isArray()
        ? new ArrayList<>(system.values())
        : List.of(ProviderJson.object().put("type", "text").set("text", system));
  }

  @Override
  public Optional<CompleteAnswer> scan(Operation operation, byte[] body) {
    return AnthropicScanner.scan(body);
  }

  @Override
  public CompleteAnswer read(Operation operation, JsonNode json, byte[] body) {
    if (!json.path("content").isArray()) {
      throw new ProviderErrorException("the response has no content", Optional.empty());
    }
    return new CompleteAnswer(
        body,
        AnthropicResponseReader.usage(json.path("usage")),
        json.path("stop_reason").stringValueOpt().map(AnthropicResponseReader::finishReason));
  }

  @Override
  public StreamReader stream(ExpectedStream expected, MemoryBudget.Reservation memory) {
    return new AnthropicTap(memory);
  }
}
