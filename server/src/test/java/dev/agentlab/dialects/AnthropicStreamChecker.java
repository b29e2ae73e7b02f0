package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Checks the order of the events of a Messages stream, and assembles them to a message as
/// Anthropic's SDKs do.
final class AnthropicStreamChecker {
  private final ObjectNode message = ProviderJson.object();
  private final Map<Integer, StringBuilder> inputs = new HashMap<>();
  private Optional<Integer> open = Optional.empty();
  private boolean hasDelta;
  private boolean isStopped;

  /// Reads a whole stream.
  static AnthropicStreamChecker read(byte[] stream) {
    AnthropicStreamChecker checker = new AnthropicStreamChecker();
    String text = new String(stream, UTF_8);
    assertThat(text.isEmpty() || text.endsWith("\n\n")).isTrue();
    for (String event : text.split("\n\n", -1)) {
      if (!event.isEmpty()) {
        checker.event(event);
      }
    }
    return checker;
  }

  /// The message of a stream that is complete.
  ObjectNode message() {
    assertThat(isStopped).as("the stream has ended").isTrue();
    return message;
  }

  private void event(String event) {
    String[] lines = event.split("\n", -1);
    assertThat(lines).hasSize(2);
    assertThat(lines[1]).startsWith("data: ");
    JsonNode json = ProviderJson.MAPPER.readTree(lines[1].substring("data: ".length()));
    String type = json.path("type").stringValue();
    assertThat(lines[0]).isEqualTo("event: " + type);
    assertThat(isStopped).as("nothing follows message_stop").isFalse();
    assertThat(message.isEmpty()).isEqualTo(type.equals("message_start"));
    switch (type) {
      case "message_start" -> start(json.path("message"));
      case "content_block_start" -> {
        assertThat(open).as("one block is open at a time").isEmpty();
        assertThat(hasDelta).isFalse();
        assertThat(json.path("index").intValue()).isEqualTo(content().size());
        open = Optional.of(content().size());
        content().add(json.path("content_block"));
      }
      case "content_block_delta" -> {
        assertThat(open).contains(json.path("index").intValue());
        delta((ObjectNode) content().get(open.orElseThrow()), json.path("delta"));
      }
      case "content_block_stop" -> {
        assertThat(open).contains(json.path("index").intValue());
        open = Optional.empty();
      }
      case "message_delta" -> {
        assertThat(open).isEmpty();
        assertThat(json.at("/delta/stop_reason").isString()).isTrue();
        assertThat(json.at("/usage/output_tokens").isIntegralNumber()).isTrue();
        hasDelta = true;
        json.forEachEntry((name, value) -> {
          if (!name.equals("type") && !name.equals("delta")) {
            message.set(name, value);
          }
        });
        message.setAll((ObjectNode) json.path("delta"));
      }
      case "message_stop" -> {
        assertThat(hasDelta).isTrue();
        isStopped = true;
      }
      default -> throw new AssertionError(type);
    }
  }

  private void start(JsonNode json) {
    assertThat(json.path("id").isString()).isTrue();
    assertThat(json.path("model").isString()).isTrue();
    assertThat(json.path("content").isArray()).isTrue();
    assertThat(json.at("/usage/input_tokens").isIntegralNumber()).isTrue();
    message.setAll((ObjectNode) json);
  }

  private ArrayNode content() {
    return (ArrayNode) message.path("content");
  }

  private void delta(ObjectNode block, JsonNode delta) {
    switch (delta.path("type").stringValue()) {
      case "text_delta" -> append(block, "text", "text", delta);
      case "thinking_delta" -> append(block, "thinking", "thinking", delta);
      case "signature_delta" -> block.set("signature", delta.path("signature"));
      case "citations_delta" -> block.withArrayProperty("citations").add(delta.path("citation"));
      case "input_json_delta" -> {
        StringBuilder input = inputs.computeIfAbsent(open.orElseThrow(), _ -> new StringBuilder());
        input.append(delta.path("partial_json").stringValue());
        try {
          block.set("input", ProviderJson.MAPPER.readTree(input.toString()));
        } catch (tools.jackson.core.JacksonException e) {
          block.putObject("input").put("INVALID_JSON", input.toString());
        }
      }
      default -> throw new AssertionError(delta);
    }
  }

  private static void append(ObjectNode block, String type, String member, JsonNode delta) {
    assertThat(block.path("type").stringValue()).isEqualTo(type);
    assertThat(delta.path(member).stringValue()).isNotEmpty();
    block.put(member, block.path(member).stringValue() + delta.path(member).stringValue());
  }
}
