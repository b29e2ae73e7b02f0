package dev.agentlab.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.dialects.ResponseGenerator.GeneratedResponse;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.memory.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.ShrinkingMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class ResponsesClientPropertyTest {
  private static final Instant AT = Instant.ofEpochSecond(1_750_000_000);
  private static final String MODEL = "gemini-3-flash";
  private static final ModelRequest REQUEST =
      ModelRequest.parse(
          Operation.RESPONSES,
          "{\"model\":\"%s\",\"input\":\"Go\",\"stream\":true}".formatted(MODEL).getBytes(UTF_8));
  private static final List<ProviderDialect> PROVIDERS =
      List.of(new Anthropic(), OpenAi.withRules(), new Gemini(), new BedrockConverse());

  private static final List<String> ITEMS =
      List.of(
          "{\"role\":\"user\",\"content\":\"a\"}",
          "{\"role\":\"developer\",\"content\":[{\"type\":\"input_text\",\"text\":\"b\"}]}",
          "{\"type\":\"message\",\"role\":\"assistant\",\"phase\":\"commentary\",\"content\":"
              + "[{\"type\":\"output_text\",\"text\":\"c\",\"annotations\":[]},"
              + "{\"type\":\"refusal\",\"refusal\":\"d\"}]}",
          "{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"}",
          "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"1\"}",
          "{\"type\":\"custom_tool_call\",\"call_id\":\"d\",\"name\":\"p\",\"input\":\"x\"}",
          "{\"type\":\"custom_tool_call_output\",\"call_id\":\"d\",\"output\":[]}",
          "{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"g\"}",
          "{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"r\"}],"
              + "\"content\":null}",
          "{\"type\":\"reasoning\",\"encrypted_content\":\"YWdsMS57fQ==\"}",
          "{\"type\":\"tool_search_call\",\"call_id\":\"s\",\"execution\":\"client\","
              + "\"arguments\":{\"q\":1}}",
          "{\"type\":\"tool_search_output\",\"call_id\":\"s\",\"execution\":\"client\","
              + "\"tools\":[{\"type\":\"namespace\",\"name\":\"n\",\"tools\":"
              + "[{\"type\":\"function\",\"name\":\"f\"}]}]}",
          "{\"type\":\"additional_tools\",\"tools\":[{\"type\":\"custom\",\"name\":\"p\"}]}",
          "{\"type\":\"web_search_call\",\"unheard_of\":1}",
          "{\"type\":\"computer_call_output\"}",
          "{\"type\":\"function_call\",\"call_id\":\"e\",\"name\":\"f\",\"namespace\":\"n\","
              + "\"arguments\":\"no\"}",
          "{\"type\":\"function_call_output\",\"call_id\":\"gone\",\"output\":\"1\"}",
          "{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"!\"}]}",
          "{\"role\":\"user\",\"content\":[{\"type\":\"input_file\",\"file_id\":\"f\"}]}",
          "{\"role\":\"user\",\"content\":[{\"type\":\"unheard_of\"}]}",
          "{\"role\":\"user\",\"content\":[],\"unheard_of\":1}",
          "{\"type\":\"item_reference\",\"id\":\"msg_1\"}",
          "{\"type\":\"function_call\"}",
          "{\"type\":\"tool_search_output\",\"tools\":5}",
          "{\"type\":5}",
          "{}",
          "null",
          "5");
  private static final List<String> ODD_VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "1e400",
          "\"\"",
          "\"x\"",
          "[]",
          "[null]",
          "[{}]",
          "{}",
          "{\"type\":5}",
          "{\"type\":\"function\"}",
          "{\"type\":\"custom\",\"name\":\"p\"}",
          "{\"type\":\"allowed_tools\",\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]}",
          "{\"type\":\"allowed_tools\",\"tools\":[5]}",
          "{\"effort\":5}",
          "{\"effort\":\"odd\",\"summary\":\"auto\"}",
          "{\"format\":{\"type\":\"json_schema\"}}",
          "{\"format\":{\"type\":\"json_schema\",\"schema\":{}},\"verbosity\":1}",
          "[\"reasoning.encrypted_content\",\"x\",\"message.output_text.logprobs\"]",
          "[{\"type\":\"function\",\"name\":\"f\",\"parameters\":5}]",
          "[{\"type\":\"function\",\"function\":{\"name\":\"f\"},\"unheard_of\":1}]",
          "[{\"type\":\"custom\",\"name\":\"p\",\"format\":{\"type\":\"grammar\"}}]",
          "[{\"type\":\"namespace\",\"name\":\"n\",\"tools\":[{\"type\":\"namespace\"}]}]",
          "[{\"type\":\"namespace\",\"name\":\"é\",\"tools\":[{\"type\":\"custom\",\"name\":\"ö\"}]}]",
          "[{\"type\":\"tool_search\",\"execution\":\"client\"}]",
          "[{\"type\":\"web_search\"}]");
  private static final List<String> MEMBERS =
      List.of(
          "instructions",
          "max_output_tokens",
          "temperature",
          "top_p",
          "top_logprobs",
          "include",
          "reasoning",
          "text",
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "metadata",
          "user",
          "service_tier",
          "store",
          "stream",
          "stream_options",
          "truncation",
          "max_tool_calls",
          "background",
          "previous_response_id",
          "conversation",
          "prompt",
          "unheard_of");

  @Property(tries = 5_000)
  void anyRequestIsTranslatedOrRejected(@ForAll("oddRequests") String request) {
    for (ProviderDialect provider : PROVIDERS) {
      ModelRequest received = ModelRequest.parse(Operation.RESPONSES, request.getBytes(UTF_8));
      try {
        JsonNode body =
            ProviderJson.MAPPER.readTree(
                provider
                    .writeChat(ProviderDialect.read(received), new TranslationWarnings())
                    .body());
        assertThat(body.toString())
            .doesNotContain("unheard_of", "encrypted_content", "namespace", "web_search");
      } catch (InvalidInputException e) {
        assertThat(e.errors()).isNotEmpty();
        continue;
      }
      JsonNode response = complete(received);
      assertThat(response.path("tools"))
          .isEqualTo(
              received.member("tools").isArray() ? received.member("tools") : ProviderJson.array());
    }
  }

  private static JsonNode complete(ModelRequest request) {
    ClientResponseWriter writer = ChatFormat.RESPONSE.responseWriter(request, AT);
    return ProviderJson.MAPPER.readTree(writer.toAnswer().json());
  }

  @Provide
  Arbitrary<String> oddRequests() {
    Arbitrary<String> items =
        Arbitraries.of(ITEMS).list().ofMaxSize(6).map(it -> String.join(",", it));
    Arbitrary<String> members =
        Arbitraries.maps(Arbitraries.of(MEMBERS), Arbitraries.of(ODD_VALUES))
            .ofMaxSize(3)
            .map(it ->
                it.entrySet().stream()
                    .map(member -> ",\"" + member.getKey() + "\":" + member.getValue())
                    .collect(Collectors.joining()));
    return Combinators.combine(items, members)
        .as((list, rest) -> "{\"model\":\"m\",\"input\":[" + list + "]" + rest + "}");
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void anthropicMessageReturnsUnchanged(@ForAll("seeds") long seed) {
    requireSame(new Anthropic(), "anthropic", seed);
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void geminiMessageReturnsUnchanged(@ForAll("seeds") long seed) {
    requireSame(new Gemini(), "google", seed);
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void bedrockMessageReturnsUnchanged(@ForAll("seeds") long seed) {
    requireSame(new BedrockConverse(), "bedrock", seed);
  }

  @Provide
  Arbitrary<Long> seeds() {
    return Arbitraries.longs().withDistribution(RandomDistribution.uniform()).withoutEdgeCases();
  }

  private static void requireSame(Dialect dialect, String vendor, long seed) {
    GeneratedResponse generated = ResponseGenerator.response(vendor, seed);
    CompleteAnswer answer = dialect.translateResponse(REQUEST, generated.complete(), AT);
    JsonNode complete = ProviderJson.MAPPER.readTree(answer.json());

    StreamReader converted = dialect.translateResponseToStream(REQUEST, generated.complete(), AT);
    JsonNode ofConverted = ResponsesStreamChecker.read(converted.finish()).response();
    assertThat(ResponsesRoundTripTest.withoutIds(ofConverted))
        .isEqualTo(ResponsesRoundTripTest.withoutIds(complete));

    StreamReader reader =
        dialect.createStreamReader(REQUEST, AT, new MemoryBudget(64 << 20).open());
    byte[] stream = read(reader, generated.stream(), new RandomValues(seed));
    JsonNode streamed = ResponsesStreamChecker.read(stream).response();
    assertThat(ResponsesRoundTripTest.withoutIds(streamed))
        .isEqualTo(ResponsesRoundTripTest.withoutIds(complete));
    assertThat(reader.response().map(AnsweredResponse::id))
        .contains(streamed.path("id").stringValue());
    assertThat(reader.usage()).isEqualTo(answer.usage());

    for (JsonNode response : List.of(complete, streamed)) {
      List<String> callIds = response.path("output").findValuesAsString("call_id");
      assertThat(sentBack(dialect, response.path("output")))
          .isEqualTo(ResponsePropertyTest.joined(generated.content(), callIds));
    }
  }

  private static byte[] read(StreamReader reader, byte[] stream, RandomValues values) {
    ByteArrayOutputStream events = new ByteArrayOutputStream();
    int from = 0;
    while (from < stream.length) {
      int to = Math.min(stream.length, from + 1 + values.upTo(values.pick(10, 300)));
      events.writeBytes(reader.read(Arrays.copyOfRange(stream, from, to)));
      from = to;
    }
    events.writeBytes(reader.finish());
    return events.toByteArray();
  }

  /// The content that the provider receives for the items that the client sends back.
  private static JsonNode sentBack(Dialect dialect, JsonNode output) {
    ObjectNode request = ProviderJson.object().put("model", MODEL);
    ArrayNode input = request.putArray("input");
    input.addObject().put("role", "user").put("content", "Go");
    input.addAll((ArrayNode) output);
    for (String id : output.findValuesAsString("call_id")) {
      input.addObject().put("type", "function_call_output").put("call_id", id).put("output", "18");
    }
    ProviderRequest next = dialect.translateRequest(ModelRequest.of(Operation.RESPONSES, request));
    assertThat(next.warnings())
        .allMatch(warning -> warning.endsWith("Bedrock requires all that were called"));
    JsonNode body = ProviderJson.MAPPER.readTree(next.body());
    JsonNode sent = body.has("contents") ? body.at("/contents/1") : body.at("/messages/1");
    return sent.path("parts").isMissingNode() ? sent.path("content") : sent.path("parts");
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void conversationReachesProvidersAsThatOfAChat(@ForAll("seeds") long seed) {
    ObjectNode chat = ResponsesConversation.chat(seed);
    ObjectNode response = ResponsesConversation.response(chat);
    for (Dialect dialect : List.of(new Anthropic(), new Gemini(), new BedrockConverse())) {
      String expected = written(dialect, Operation.CHAT, chat);

      assertThat(written(dialect, Operation.RESPONSES, response))
          .as("%s%n%s", chat, response)
          .isEqualTo(expected);
    }
  }

  /// The body that the provider receives, or the messages of the errors.
  private static String written(Dialect dialect, Operation operation, ObjectNode request) {
    byte[] bytes = ProviderJson.MAPPER.writeValueAsBytes(request);
    try {
      return new String(
          dialect.translateRequest(ModelRequest.parse(operation, bytes)).body(), UTF_8);
    } catch (InvalidInputException e) {
      return e.errors().stream().map(error -> error.message()).toList().toString();
    }
  }
}
