package dev.agentlab.simulation;

import static dev.agentlab.simulation.SimulatedClient.request;
import static dev.agentlab.simulation.SimulatedClient.user;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.agentlab.json.Json;
import dev.agentlab.upstream.Cancellation;
import dev.agentlab.upstream.UpstreamRequest;
import dev.agentlab.upstream.UpstreamResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Replies of a simulated provider.
class SimulatedAnswersTest {
  private static final String HELLO = user("Hello there");
  private static final String TOOLS =
      """
      "tools": [
        {"type": "function", "function": {"name": "get_weather", "parameters": {
          "type": "object", "required": ["city"], "properties": {
            "city": {"type": "string"}, "unit": {"enum": ["C", "F"]}}}}},
        {"type": "function", "function": {"name": "stop"}}]\
      """;
  private static final String RESULT =
      "{\"role\": \"tool\", \"tool_call_id\": \"x\", \"content\": \"18 degrees\"}";

  private final SimulatedClient simulated = SimulatedClient.with();

  @Test
  void fixedReplyIsReturnedForEveryRequest() {
    SimulatedClient fixed = SimulatedClient.with("\"reply\": \"No.\"");

    assertThat(fixed.content(HELLO)).isEqualTo("No.");
    assertThat(fixed.content(HELLO, "\"response_format\": {\"type\": \"json_object\"}"))
        .isEqualTo("No.");
  }

  @Test
  void imagesAreDescribedByTypeAndSize() {
    String image = "{\"type\": \"image_url\", \"image_url\": {\"url\": \"%s\"}}";
    String png = "data:image/png;base64," + Base64.getEncoder().encodeToString(new byte[70]);
    String message =
        "{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"Look\"}, %s, %s]}"
            .formatted(image.formatted(png), image.formatted("https://a.test/x.png"));

    assertThat(simulated.content(message))
        .contains("Last message: Look")
        .contains("2 images: image/png of 70 bytes, one given by URL, which was not fetched");
  }

  @Test
  void toolCallArgumentsSatisfySchema() {
    JsonNode choice = simulated.chat(HELLO, TOOLS).at("/choices/0");
    JsonNode call = choice.at("/message/tool_calls/0");

    assertThat(choice.path("finish_reason").stringValue()).isEqualTo("tool_calls");
    assertThat(choice.at("/message/content").isNull()).isTrue();
    assertThat(call.path("id").stringValue()).startsWith("call_");
    assertThat(call.at("/function/name").stringValue()).isEqualTo("get_weather");
    assertThat(call.at("/function/arguments").stringValue())
        .isEqualTo("{\"city\":\"city\",\"unit\":\"C\"}");
  }

  @Test
  void streamedToolCallHasOneNameAndArgumentChunks() {
    List<JsonNode> deltas = new ArrayList<>();
    new String(
            PartSubscriber.all(simulated.open(request(HELLO, TOOLS, "\"stream\": true")).body())
                .bytes(),
            UTF_8)
        .lines()
        .filter(line -> line.startsWith("data: {"))
        .map(line -> Json.MAPPER.readTree(line.substring(6)).at("/choices/0/delta/tool_calls/0"))
        .filter(delta -> !delta.isMissingNode())
        .forEach(deltas::add);

    assertThat(deltas).hasSizeGreaterThan(2);
    assertThat(deltas).allSatisfy(it -> assertThat(it.path("index").intValue()).isZero());
    assertThat(deltas.getFirst().at("/function/name").stringValue()).isEqualTo("get_weather");
    assertThat(deltas.subList(1, deltas.size())).noneMatch(it -> it.has("id"));
    StringBuilder arguments = new StringBuilder();
    deltas.forEach(it -> arguments.append(it.at("/function/arguments").stringValue()));
    assertThat(arguments).hasToString("{\"city\":\"city\",\"unit\":\"C\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          auto   | "auto"                                              | user | get_weather
          auto   | "none"                                              | user |
          auto   | {"type":"function","function":{"name":"stop"}}      | user | stop
          auto   | "auto"                                              | tool |
          auto   | "required"                                          | tool | get_weather
          always | "auto"                                              | tool | get_weather
          never  | "auto"                                              | user |
          """)
  void toolUseFollowsOptionChoiceAndLastMessage(
      String option, String choice, String last, String called) {
    SimulatedClient using = SimulatedClient.with("\"tool_calls\": \"%s\"".formatted(option));
    String messages = last.equals("tool") ? HELLO + ", " + RESULT : HELLO;

    JsonNode message =
        using.chat(messages, TOOLS, "\"tool_choice\": " + choice).at("/choices/0/message");

    assertThat(message.at("/tool_calls/0/function/name").stringValue(null)).isEqualTo(called);
    if (last.equals("tool") && called == null) {
      assertThat(message.path("content").stringValue()).contains("Tool result: 18 degrees");
    }
  }

  @Test
  void structuredReplySatisfiesJsonSchema() {
    String format =
        """
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema":
          {"type": "object", "properties": {"age": {"type": "integer", "minimum": 7}}}}}\
        """;

    assertThat(simulated.content(HELLO, format)).isEqualTo("{\"age\":7}");
    assertThat(
            Json.MAPPER
                .readTree(
                    simulated.content(HELLO, "\"response_format\": {\"type\": \"json_object\"}"))
                .isObject())
        .isTrue();
  }

  @Test
  void completionEndsAtMaxTokensOrStopSequence() {
    SimulatedClient counting = SimulatedClient.with("\"reply\": \"one two three four\"");
    JsonNode brief = counting.chat(HELLO, "\"max_tokens\": 2");

    assertThat(brief.at("/choices/0/message/content").stringValue()).isEqualTo("one two");
    assertThat(brief.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
    assertThat(brief.at("/usage/completion_tokens").intValue()).isEqualTo(2);
    assertThat(
            counting
                .chat(HELLO, "\"max_completion_tokens\": 4", "\"max_tokens\": 99999999999999")
                .at("/choices/0/finish_reason")
                .stringValue())
        .isEqualTo("stop");
    assertThat(counting.content(HELLO, "\"stop\": [\"four\", \" three\"]")).isEqualTo("one two");
    assertThat(counting.content(HELLO, "\"stop\": \"two\"")).isEqualTo("one ");
  }

  @Test
  void usageCountsPromptAndCompletionTokens() {
    JsonNode usage = SimulatedClient.with("\"reply\": \"a b c\"").chat(HELLO).path("usage");

    assertThat(usage)
        .isEqualTo(
            Json.MAPPER.readTree(
                "{\"prompt_tokens\": 2, \"completion_tokens\": 3, \"total_tokens\": 5}"));
  }

  @Test
  void embeddingsAreUnitVectorsSimilarBySharedWords() {
    List<double[]> vectors =
        vectors("\"input\": [\"the red car\", \"the red house\", \"quite otherwise\", \"!\"]");

    assertThat(vectors).allSatisfy(it -> assertThat(dot(it, it)).isCloseTo(1, within(1e-6)));
    assertThat(vectors).allSatisfy(it -> assertThat(it).hasSize(256));
    assertThat(dot(vectors.get(0), vectors.get(1)))
        .isGreaterThan(dot(vectors.get(0), vectors.get(2)) + 0.3);
    assertThat(vectors("\"input\": \"the red car\"").getFirst()).isEqualTo(vectors.getFirst());
    assertThat(vectors("\"input\": [1, 2, 3]")).hasSize(1);
    assertThat(vectors("\"input\": [[1, 2], [3]]")).hasSize(2);
    assertThat(vectors("\"input\": \"x\", \"dimensions\": 3").getFirst()).hasSize(3);
  }

  @Test
  void base64EmbeddingsEqualNumericOnes() {
    JsonNode data =
        embeddings(simulated, "\"input\": \"x\", \"encoding_format\": \"base64\"").path("data");
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(data.at("/0/embedding").stringValue()))
            .order(ByteOrder.LITTLE_ENDIAN);

    double[] numbers = vectors("\"input\": \"x\"").getFirst();
    assertThat(bytes.remaining()).isEqualTo(4 * numbers.length);
    for (double number : numbers) {
      assertThat((double) bytes.getFloat()).isCloseTo(number, within(1e-7));
    }
  }

  @Test
  void configuredModelsAreListedAndOthersRejected() {
    SimulatedClient two = SimulatedClient.with("\"models\": [\"small\", \"large\"]");
    UpstreamResponse list =
        two.transport()
            .send(
                UpstreamRequest.get(two.provider().modelListEndpoint().url(), Map.of(), Map.of()),
                SimulatedClient.LIMITS,
                new Cancellation());

    assertThat(
            Json.MAPPER
                .readTree(list.text())
                .path("data")
                .valueStream()
                .map(model -> model.path("id").stringValue()))
        .containsExactly("small", "large");
    UpstreamResponse unknown = two.send("chat/completions", request(HELLO));
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.text()).contains("must be one of small, large");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          chat/completions | [                                          | body
          chat/completions | []                                         | body
          chat/completions | {"messages": [{}]}                         | model
          chat/completions | {"model": "m"}                             | messages
          chat/completions | {"model": "m", "messages": []}             | messages
          chat/completions | {"model": "m", "messages": [{}], "tools": [{}], "tool_choice": {"function": {"name": "x"}}} | tool_choice
          embeddings       | {"model": "m"}                             | input
          embeddings       | {"model": "m", "input": []}                | input
          embeddings       | {"model": "m", "input": ["a", ""]}         | input
          embeddings       | {"model": "m", "input": "a", "dimensions": 0} | dimensions
          embeddings       | {"model": "m", "input": "a", "dimensions": 1e30} | dimensions
          embeddings       | {"model": "m", "input": "a", "dimensions": 99999999999999} | dimensions
          embeddings       | {"model": "m", "input": "a", "encoding_format": "x"} | encoding_format
          """)
  void invalidRequestIsRejectedByMember(String path, String body, String member) {
    UpstreamResponse response = simulated.send(path, body);

    assertThat(response.status()).isIn(400, 404);
    assertThat(Json.MAPPER.readTree(response.text()).at("/error/param").stringValue())
        .isEqualTo(member);
  }

  @Test
  void batchOfTooManyNumbersIsRejected() {
    String texts = "\"a\"" + ", \"a\"".repeat(299);
    UpstreamResponse response =
        simulated.send(
            "embeddings",
            "{\"model\": \"m\", \"input\": [%s], \"dimensions\": 4096}".formatted(texts));

    assertThat(response.status()).isEqualTo(400);
    assertThat(Json.MAPPER.readTree(response.text()).at("/error/param").stringValue())
        .isEqualTo("input");
  }

  @Test
  void unpairedSurrogateIsAccepted() {
    assertThat(simulated.content(user("a \\ud83d b"))).contains("a ");
    assertThat(simulated.send("other", "{}").status()).isEqualTo(404);
  }

  private List<double[]> vectors(String members) {
    return embeddings(simulated, members)
        .path("data")
        .valueStream()
        .map(it -> it.path("embedding").valueStream().mapToDouble(JsonNode::doubleValue).toArray())
        .toList();
  }

  private static JsonNode embeddings(SimulatedClient simulated, String members) {
    UpstreamResponse response =
        simulated.send("embeddings", "{\"model\": \"m\", %s}".formatted(members));
    assertThat(response.status()).as(response.text()).isEqualTo(200);
    return Json.MAPPER.readTree(response.text());
  }

  private static double dot(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }
}
