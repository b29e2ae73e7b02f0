package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.conversation.RequestOption;
import dev.agentlab.memory.MemoryBudget;
import java.util.ArrayList;
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

  @Override
  public ProviderRequest request(ModelRequest request) {
    TranslationWarnings warnings = new TranslationWarnings();
    RequestJson json =
        request
            .defaults()
            .map(it -> withDefaults(request.json(), it, warnings))
            .orElse(request.json());
    byte[] body = json.toBytes();
    if (ReplayCarrier.mayBeIn(body)) {
      body = withoutOtherThinking(json).toBytes();
    }
    return new ProviderRequest(
        request.operation().path(),
        // The version of the API is that of the client.
        PassThrough.headers(Anthropic.VERSION_HEADERS, request.vendorHeaders()),
        body,
        warnings.messages());
  }

  /// Removes the thinking of other vendors, whose models answered earlier in the conversation:
  /// Anthropic refuses what it has not signed.
  private static RequestJson withoutOtherThinking(RequestJson json) {
    if (!(json.value("messages") instanceof ArrayNode messages)) {
      return json;
    }
    for (JsonNode message : messages) {
      if (message.path("content") instanceof ArrayNode blocks) {
        blocks.removeIf(AnthropicPassThrough::isOtherThinking);
      }
    }
    return json.with("messages", messages);
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
          && !Set.of("model", "messages", "system").contains(member.getKey())
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
