package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Generates responses of a provider, each as a complete one and as a stream: reasoning, then text,
/// then calls, each of which may be absent.
abstract sealed class ResponseGenerator {

  /// @param content the content of the message in the provider's format
  /// @param usage the expected counts: input, cached input and output
  /// @param finishReason the expected finish reason
  @SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
  record GeneratedResponse(
      ArrayNode content,
      byte[] complete,
      byte[] stream,
      List<Integer> usage,
      String finishReason) {}

  final RandomValues values;
  final ArrayNode content = ProviderJson.array();
  final ByteArrayOutputStream stream = new ByteArrayOutputStream();
  final int input;
  final int cached;
  final int written;
  final int output;
  final int reasoning;
  final int calls;

  private ResponseGenerator(long seed) {
    values = new RandomValues(seed);
    input = values.upTo(100);
    cached = values.upTo(100);
    written = values.upTo(100);
    reasoning = values.upTo(100);
    output = reasoning + values.upTo(100);
    calls = Math.max(0, values.upTo(6) - 3);
  }

  /// The response of a seed.
  ///
  /// @param vendor the vendor of the provider's dialect
  static GeneratedResponse response(String vendor, long seed) {
    return switch (vendor) {
      case "anthropic" -> new AnthropicResponse(seed).generate();
      case "bedrock" -> new BedrockResponse(seed).generate();
      default -> new GeminiResponse(seed).generate();
    };
  }

  abstract GeneratedResponse generate();

  /// The stop reason in the words of the provider, and the finish reason.
  final Map.Entry<String, String> reason(
      Map.Entry<String, String> forCalls, List<Map.Entry<String, String>> others) {
    return calls > 0 && values.chance(90) ? forCalls : values.pick(others);
  }

  /// The fragments of a text in a stream.
  final List<String> fragments(String text) {
    List<String> fragments = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int to = Math.min(text.length(), from + 1 + values.upTo(40));
      to += to < text.length() && Character.isLowSurrogate(text.charAt(to)) ? 1 : 0;
      fragments.add(text.substring(from, to));
      from = to;
    }
    return fragments;
  }

  private static byte[] bytes(JsonNode json) {
    return ProviderJson.MAPPER.writeValueAsBytes(json);
  }

  private static ObjectNode object(String name, JsonNode value) {
    return ProviderJson.object().set(name, value);
  }

  /// https://platform.claude.com/docs/en/build-with-claude/streaming
  private static final class AnthropicResponse extends ResponseGenerator {
    private AnthropicResponse(long seed) {
      super(seed);
    }

    @Override
    GeneratedResponse generate() {
      ObjectNode message =
          ProviderJson.object()
              .put("id", values.id("msg"))
              .put("type", "message")
              .put("role", "assistant")
              .put("model", "claude-sonnet-4-5");
      ObjectNode usage =
          ProviderJson.object()
              .put("input_tokens", input)
              .put("cache_read_input_tokens", cached)
              .put("cache_creation_input_tokens", written)
              .put("output_tokens", output);
      usage.putObject("output_tokens_details").put("thinking_tokens", reasoning);
      ObjectNode start = message.deepCopy();
      start.putArray("content");
      start.putNull("stop_reason").set("usage", usage.deepCopy().put("output_tokens", 1));
      event("message_start", object("message", start));
      blocks();
      Map.Entry<String, String> reason =
          reason(
              Map.entry("tool_use", "tool_calls"),
              List.of(
                  Map.entry("end_turn", "stop"),
                  Map.entry("stop_sequence", "stop"),
                  Map.entry("max_tokens", "length"),
                  Map.entry("refusal", "content_filter")));
      message.put("stop_reason", reason.getKey());
      ObjectNode end = object("delta", ProviderJson.object().put("stop_reason", reason.getKey()));
      event("message_delta", end.set("usage", usage));
      event("message_stop", ProviderJson.object());
      message.set("content", content);
      message.set("usage", usage);
      return new GeneratedResponse(
          content,
          bytes(message),
          stream.toByteArray(),
          List.of(input + cached + written, cached, output),
          reason.getValue());
    }

    private void blocks() {
      int thoughts = values.upTo(2);
      for (int i = 0; i < thoughts; i++) {
        if (values.chance(20)) {
          begin("redacted_thinking").put("data", values.signature());
          end(Map.of());
        } else {
          begin("thinking").put("thinking", values.anyText()).put("signature", values.signature());
          end(Map.of("thinking", "thinking_delta", "signature", "signature_delta"));
        }
      }
      int texts = calls == 0 ? 1 : values.upTo(2);
      for (int i = 0; i < texts; i++) {
        begin("text").put("text", calls == 0 ? values.text() : values.anyText());
        end(Map.of("text", "text_delta"));
      }
      for (int i = 0; i < calls; i++) {
        ObjectNode call = begin("tool_use").put("id", values.id("toolu"));
        call.put("name", values.id("tool")).set("input", values.object());
        end(Map.of("input", "input_json_delta"));
      }
    }

    private ObjectNode begin(String type) {
      return content.addObject().put("type", type);
    }

    /// @param deltas the type of the deltas of each member that grows in the stream
    private void end(Map<String, String> deltas) {
      int index = content.size() - 1;
      ObjectNode block = (ObjectNode) content.path(index);
      ObjectNode start = block.deepCopy();
      deltas.keySet().forEach(name -> start.put(name, ""));
      if (start.has("input")) {
        start.putObject("input");
      }
      indexed("content_block_start", index, "content_block", start);
      // In the order of the members: a signature follows its text.
      block.forEachEntry((name, value) -> {
        if (deltas.containsKey(name)) {
          String member = name.equals("input") ? "partial_json" : name;
          for (String fragment : fragments(value.isString() ? value.stringValue() : value + "")) {
            ObjectNode delta = ProviderJson.object().put("type", deltas.get(name));
            indexed("content_block_delta", index, "delta", delta.put(member, fragment));
          }
        }
      });
      indexed("content_block_stop", index, "ignored", ProviderJson.object());
      if (values.chance(10)) {
        event("ping", ProviderJson.object());
      }
    }

    private void indexed(String type, int index, String name, ObjectNode value) {
      event(type, object(name, value).put("index", index));
    }

    private void event(String type, ObjectNode data) {
      stream.writeBytes(
          "event: %s\ndata: %s\n\n".formatted(type, data.put("type", type)).getBytes(UTF_8));
    }
  }

  /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
  private static final class BedrockResponse extends ResponseGenerator {
    private BedrockResponse(long seed) {
      super(seed);
    }

    @Override
    GeneratedResponse generate() {
      event("messageStart", ProviderJson.object().put("role", "assistant"));
      if (values.chance(50)) {
        ObjectNode reasoning = content.addObject().putObject("reasoningContent");
        if (values.chance(20)) {
          reasoning.put("redactedContent", values.signature());
          delta("reasoningContent", reasoning);
        } else {
          reason(reasoning.putObject("reasoningText"));
        }
        stop();
      }
      int texts = calls == 0 ? 1 : values.upTo(2);
      for (int i = 0; i < texts; i++) {
        String text = values.text();
        content.addObject().put("text", text);
        fragments(text).forEach(it -> delta("text", ProviderJson.MAPPER.valueToTree(it)));
        stop();
      }
      for (int i = 0; i < calls; i++) {
        call();
      }
      Map.Entry<String, String> reason =
          reason(
              Map.entry("tool_use", "tool_calls"),
              List.of(
                  Map.entry("end_turn", "stop"),
                  Map.entry("stop_sequence", "stop"),
                  Map.entry("max_tokens", "length"),
                  Map.entry("guardrail_intervened", "content_filter")));
      event("messageStop", ProviderJson.object().put("stopReason", reason.getKey()));
      ObjectNode usage =
          ProviderJson.object()
              .put("inputTokens", input)
              .put("cacheReadInputTokens", cached)
              .put("cacheWriteInputTokens", written)
              .put("outputTokens", output)
              .put("totalTokens", input + cached + written + output);
      event("metadata", object("usage", usage));
      ObjectNode complete = ProviderJson.object().put("stopReason", reason.getKey());
      ObjectNode message = complete.putObject("output").putObject("message");
      message.put("role", "assistant").set("content", content);
      complete.set("usage", usage);
      return new GeneratedResponse(
          content,
          bytes(complete),
          stream.toByteArray(),
          List.of(input + cached + written, cached, output),
          reason.getValue());
    }

    private void reason(ObjectNode reasoning) {
      reasoning.put("text", values.anyText()).put("signature", values.signature());
      reasoning.forEachEntry((name, value) ->
          fragments(value.stringValue())
              .forEach(it -> delta("reasoningContent", ProviderJson.object().put(name, it))));
    }

    private void call() {
      ObjectNode call = content.addObject().putObject("toolUse");
      call.put("toolUseId", values.id("tooluse")).put("name", values.id("tool"));
      indexed("contentBlockStart", "start", object("toolUse", call.deepCopy()));
      ObjectNode input = values.object();
      call.set("input", input);
      // A call without arguments has one empty delta or none.
      if (!input.isEmpty() || values.chance(50)) {
        List<String> fragments = fragments(input.toString());
        fragments.forEach(it -> delta("toolUse", ProviderJson.object().put("input", it)));
      }
      stop();
    }

    private void delta(String name, JsonNode value) {
      indexed("contentBlockDelta", "delta", object(name, value));
    }

    private void stop() {
      indexed("contentBlockStop", "p", ProviderJson.object());
    }

    private void indexed(String type, String name, ObjectNode value) {
      event(type, object(name, value).put("contentBlockIndex", content.size() - 1));
    }

    private void event(String type, ObjectNode json) {
      new Message(
              Map.of(
                  ":message-type", HeaderValue.fromString("event"),
                  ":event-type", HeaderValue.fromString(type)),
              bytes(json))
          .encode(stream);
    }
  }

  /// https://ai.google.dev/api/generate-content
  private static final class GeminiResponse extends ResponseGenerator {
    private final String id = values.id("r");

    private GeminiResponse(long seed) {
      super(seed);
    }

    @Override
    GeneratedResponse generate() {
      if (values.chance(50)) {
        text(values.text()).put("thought", true);
        pass();
      }
      if (calls == 0 || values.chance(50)) {
        ObjectNode text = text(values.text());
        if (values.chance(50)) {
          text.put("thoughtSignature", values.signature());
        }
        pass();
      } else if (values.chance(20)) {
        text("").put("thoughtSignature", values.signature());
        pass();
      }
      boolean hasIds = values.chance(50);
      for (int i = 0; i < calls; i++) {
        ObjectNode part = content.addObject();
        ObjectNode call = part.putObject("functionCall").put("name", values.id("tool"));
        if (hasIds) {
          call.put("id", values.id("call"));
        }
        call.set("args", values.object());
        if (i == 0) {
          part.put("thoughtSignature", values.signature());
        }
        pass();
      }
      Map.Entry<String, String> reason =
          values.pick(
              Map.entry("STOP", calls > 0 ? "tool_calls" : "stop"),
              Map.entry("MAX_TOKENS", "length"),
              Map.entry("SAFETY", "content_filter"));
      ObjectNode complete = chunk(content.deepCopy());
      ((ObjectNode) complete.at("/candidates/0")).put("finishReason", reason.getKey());
      complete
          .putObject("usageMetadata")
          .put("promptTokenCount", input + cached)
          .put("cachedContentTokenCount", cached)
          .put("candidatesTokenCount", output - reasoning)
          .put("thoughtsTokenCount", reasoning)
          .put("totalTokenCount", input + cached + output);
      ObjectNode end = complete.deepCopy();
      ((ObjectNode) end.at("/candidates/0/content")).putArray("parts");
      event(end);
      return new GeneratedResponse(
          content,
          bytes(complete),
          stream.toByteArray(),
          List.of(input + cached, cached, output),
          reason.getValue());
    }

    private ObjectNode text(String text) {
      return content.addObject().put("text", text);
    }

    /// Streams the last part: a text in fragments, of which the last one has the signature.
    private void pass() {
      ObjectNode part = (ObjectNode) content.path(content.size() - 1);
      List<String> fragments = fragments(part.path("text").stringValue(""));
      for (int i = 0; i < fragments.size() - 1; i++) {
        ObjectNode fragment = part.deepCopy().put("text", fragments.get(i));
        fragment.remove("thoughtSignature");
        event(chunk(ProviderJson.array().add(fragment)));
      }
      ObjectNode last = part.deepCopy();
      if (!fragments.isEmpty()) {
        last.put("text", fragments.getLast());
      }
      event(chunk(ProviderJson.array().add(last)));
    }

    private ObjectNode chunk(ArrayNode parts) {
      ObjectNode chunk = ProviderJson.object();
      ObjectNode candidate = chunk.putArray("candidates").addObject().put("index", 0);
      candidate.putObject("content").put("role", "model").set("parts", parts);
      return chunk.put("modelVersion", "gemini-3-flash").put("responseId", id);
    }

    private void event(ObjectNode chunk) {
      stream.writeBytes("data: %s\n\n".formatted(chunk).getBytes(UTF_8));
    }
  }
}
