package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.dialects.ResponseGenerator.GeneratedResponse;
import dev.agentlab.memory.MemoryBudget;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.ShrinkingMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A client receives the same message from a complete response, from a stream in any chunks, and
/// from a complete response as a stream; and the message that it sends back with its next request
/// is the provider's own.
class ResponsePropertyTest {
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);
  private static final ModelRequest REQUEST =
      ModelRequest.parse(
          Operation.CHAT,
          """
          {"model": "gemini-3-flash", "stream": true, "stream_options": {"include_usage": true}}\
          """
              .getBytes(UTF_8));

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void anthropicMessageReturnsUnchanged(@ForAll("seeds") long seed) {
    requireSame(new Anthropic(), "anthropic", seed);
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void geminiMessageReturnsUnchanged(@ForAll("seeds") long seed) {
    requireSame(new Gemini(), "google", seed);
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void bedrockMessageReturnsUnchanged(@ForAll("seeds") long seed) {
    requireSame(new BedrockConverse(), "bedrock", seed);
  }

  @Provide
  Arbitrary<Long> seeds() {
    return Arbitraries.longs().withDistribution(RandomDistribution.uniform()).withoutEdgeCases();
  }

  private static void requireSame(Dialect dialect, String vendor, long seed) {
    GeneratedResponse response = ResponseGenerator.response(vendor, seed);
    CompleteAnswer complete = dialect.translateResponse(REQUEST, response.complete(), AT);
    ObjectNode expected = (ObjectNode) ProviderJson.MAPPER.readTree(complete.json());
    requireExpected(expected, response);

    StreamReader converted = dialect.translateResponseToStream(REQUEST, response.complete(), AT);
    assertThat(completion(new String(converted.finish(), UTF_8))).isEqualTo(normalized(expected));

    StreamReader reader =
        dialect.createStreamReader(REQUEST, AT, new MemoryBudget(64 << 20).open());
    ObjectNode streamed = completion(read(reader, response.stream(), new RandomValues(seed)));
    assertThat(streamed).isEqualTo(normalized(expected));
    assertThat(reader.isComplete()).isTrue();
    assertThat(reader.usage()).isEqualTo(complete.usage()).isEqualTo(converted.usage());
    assertThat(reader.finishReason())
        .isEqualTo(complete.finishReason())
        .isEqualTo(converted.finishReason());

    for (ObjectNode completion : List.of(expected, streamed)) {
      JsonNode message = completion.at("/choices/0/message");
      List<String> callIds =
          message
              .path("tool_calls")
              .valueStream()
              .map(call -> call.path("id").stringValue())
              .toList();
      assertThat(sentBack(dialect, message)).isEqualTo(joined(response.content(), callIds));
    }
  }

  private static void requireExpected(ObjectNode completion, GeneratedResponse response) {
    JsonNode usage = completion.path("usage");
    assertThat(
            List.of(
                usage.path("prompt_tokens").intValue(),
                usage.at("/prompt_tokens_details/cached_tokens").intValue(),
                usage.path("completion_tokens").intValue()))
        .isEqualTo(response.usage());
    assertThat(completion.at("/choices/0/finish_reason").stringValue())
        .isEqualTo(response.finishReason());
  }

  private static String read(StreamReader reader, byte[] stream, RandomValues values) {
    StringBuilder events = new StringBuilder();
    int from = 0;
    while (from < stream.length) {
      int to = Math.min(stream.length, from + 1 + values.upTo(values.pick(10, 300)));
      events.append(new String(reader.read(Arrays.copyOfRange(stream, from, to)), UTF_8));
      from = to;
    }
    return events + new String(reader.finish(), UTF_8);
  }

  /// The completion that a client assembles from the chunks.
  private static ObjectNode completion(String events) {
    assertThat(events).endsWith("data: [DONE]\n\n");
    ObjectNode completion = ProviderJson.object();
    ObjectNode choice = completion.putArray("choices").addObject();
    ObjectNode message = choice.putObject("message");
    events
        .lines()
        .filter(line -> line.startsWith("data: {"))
        .map(line -> (ObjectNode) ProviderJson.MAPPER.readTree(line.substring("data: ".length())))
        .forEach(chunk -> {
          if (chunk.remove("choices").path(0) instanceof ObjectNode part) {
            append((ObjectNode) part.remove("delta"), message);
            append(part, choice);
          }
          completion.setAll(chunk);
        });
    return normalized(completion);
  }

  /// Appends texts and lists, and the parts of a call to the call with this index.
  private static void append(ObjectNode source, ObjectNode target) {
    source.forEachEntry((name, value) -> {
      JsonNode present = target.path(name);
      if (name.equals("tool_calls")) {
        for (JsonNode call : value) {
          int index = call.path("index").intValue();
          ArrayNode calls = target.withArrayProperty(name);
          if (index == calls.size()) {
            calls.addObject();
          }
          append((ObjectNode) call, (ObjectNode) calls.path(index));
        }
      } else if (value instanceof ObjectNode object && present instanceof ObjectNode other) {
        append(object, other);
      } else if (value instanceof ArrayNode list && present instanceof ArrayNode other) {
        other.addAll(list);
      } else if (value.isString() && present.isString()) {
        target.put(name, present.stringValue() + value.stringValue());
      } else {
        target.set(name, value);
      }
    });
  }

  /// A completion without what a stream has in another form.
  private static ObjectNode normalized(ObjectNode completion) {
    ObjectNode copy = completion.deepCopy();
    copy.remove("object");
    ObjectNode message = (ObjectNode) copy.at("/choices/0/message");
    if (message.path("content").asString("").isEmpty()) {
      message.remove("content");
    }
    message.path("tool_calls").forEach(call -> ((ObjectNode) call).remove("index"));
    return copy;
  }

  /// The content that the provider receives for a message that the client sends back.
  private static JsonNode sentBack(Dialect dialect, JsonNode message) {
    ObjectNode request = ProviderJson.object().put("model", "gemini-3-flash");
    ArrayNode messages = request.putArray("messages");
    messages.addObject().put("role", "user").put("content", "Go");
    messages.add(message);
    for (JsonNode call : message.path("tool_calls")) {
      messages
          .addObject()
          .put("role", "tool")
          .put("content", "18")
          .set("tool_call_id", call.path("id"));
    }
    ProviderRequest next = dialect.translateRequest(ModelRequest.of(Operation.CHAT, request));
    assertThat(next.warnings())
        .allMatch(warning -> warning.endsWith("Bedrock requires all that were called"));
    JsonNode body = ProviderJson.MAPPER.readTree(next.body());
    JsonNode sent = body.has("contents") ? body.at("/contents/1") : body.at("/messages/1");
    return sent.path("parts").isMissingNode() ? sent.path("content") : sent.path("parts");
  }

  /// The content of a response as one message of a client has it: successive texts are one, and
  /// each call has an id.
  static ArrayNode joined(ArrayNode content, List<String> callIds) {
    ArrayNode joined = ProviderJson.array();
    int calls = 0;
    for (JsonNode block : content.deepCopy()) {
      boolean isEmpty = block.path("text").stringValue("…").isEmpty();
      if (isEmpty && !block.has("thoughtSignature")) {
        continue;
      }
      JsonNode last = joined.path(joined.size() - 1);
      if (block.has("text") && last.has("text") && !last.has("thought")) {
        String text = last.path("text").stringValue() + block.path("text").stringValue();
        ((ObjectNode) last).setAll((ObjectNode) block).put("text", text);
        continue;
      }
      if (block.path("functionCall") instanceof ObjectNode call && !call.has("id")) {
        ObjectNode function = (ObjectNode) block;
        function.putObject("functionCall").put("id", callIds.get(calls)).setAll(call);
      }
      calls += block.has("functionCall") ? 1 : 0;
      joined.add(block);
    }
    return joined;
  }
}
