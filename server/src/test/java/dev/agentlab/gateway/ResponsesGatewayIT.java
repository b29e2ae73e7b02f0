package dev.agentlab.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// OpenAI's Responses API on bytes: what reaches the provider, what returns, and what is kept.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ResponsesGatewayIT {
  /// https://platform.openai.com/docs/api-reference/responses/object, with members that no one
  /// knows.
  private static final String RESPONSE =
      """
      { "id": "%s", "object": "response", "created_at": 5, "status": "completed", "model": "gpt-x", "big": 9007199254740993,
        "output": [ {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
          "content": [{"type": "output_text", "text": "Hi", "annotations": []}]} ],
        "usage": {"input_tokens": 19, "output_tokens": 10, "total_tokens": 29} }
      """;

  private static final String CLAUDE =
      """
      {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
       "content": [{"type": "text", "text": "%s"}], "stop_reason": "end_turn",
       "usage": {"input_tokens": 19, "output_tokens": 10}}
      """;

  private static final String CLAUDE_STREAM =
      """
      event: message_start
      data: {"type":"message_start","message":{"id":"msg_1","content":[],"model":"claude-x","usage":{"input_tokens":3,"output_tokens":1}}}

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      """;

  private static final String CLAUDE_END =
      """
      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}

      event: message_stop
      data: {"type":"message_stop"}

      """;

  @RegisterExtension private final GatewayFixture gateway = new GatewayFixture();

  private TestClient other;

  @BeforeAll
  void register() {
    gateway.registerProvider("claude", "anthropic", "\"models\": [\"claude-x\"], ");
    gateway.registerProvider("oai", "openai", "\"models\": [\"gpt-x\"], ");
    other = gateway.clientWithScopes("invoke");
  }

  private Answer create(String json) {
    return gateway.client().post("/v1/responses", json);
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  private JsonNode sent() throws InterruptedException {
    return json(gateway.upstream().request().body());
  }

  private static List<String> texts(JsonNode messages) {
    return StreamSupport.stream(messages.spliterator(), false)
        .map(message ->
            message.path("role").asString() + ": " + message.at("/content/0/text").asString())
        .toList();
  }

  /// Creates a response of another vendor's model, and returns its id.
  private String created(String members) throws InterruptedException {
    gateway.respondWith(FakeUpstream.json(CLAUDE.formatted("One.")));
    Answer answer = create("{\"model\": \"claude/claude-x\", %s}".formatted(members));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode _ = sent();
    return answer.json().path("id").asString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/responses", "/responses"})
  void otherVendorAnswersAsAResponse(String path) throws Exception {
    gateway.respondWith(FakeUpstream.json(CLAUDE.formatted("Hi")));

    Answer answer =
        gateway
            .client()
            .post(
                path,
                "{\"model\": \"claude/claude-x\", \"instructions\": \"Be brief.\", \"input\": \"Hello\"}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode response = answer.json();
    assertThat(response.path("object").asString()).isEqualTo("response");
    assertThat(response.path("status").asString()).isEqualTo("completed");
    assertThat(response.at("/output/0/content/0/text").asString()).isEqualTo("Hi");
    assertThat(response.at("/usage/total_tokens").asInt()).isEqualTo(29);
    assertThat(answer.header("Agent-Lab-Provider")).isEqualTo("claude");
    JsonNode sent = sent();
    assertThat(sent.path("system").toString()).contains("Be brief.");
    assertThat(texts(sent.path("messages"))).containsExactly("user: Hello");
  }

  @Test
  void previousResponseIsContinued() throws Exception {
    String first = created("\"input\": \"First\"");
    gateway.respondWith(FakeUpstream.json(CLAUDE.formatted("Two.")));

    Answer second =
        create(
            "{\"model\": \"claude/claude-x\", \"previous_response_id\": \"%s\", \"input\": \"Second\"}"
                .formatted(first));

    assertThat(second.json().path("previous_response_id").asString()).isEqualTo(first);
    assertThat(texts(sent().path("messages")))
        .containsExactly("user: First", "assistant: One.", "user: Second");

    Answer _ =
        create(
            "{\"model\": \"claude/claude-x\", \"previous_response_id\": \"%s\", \"input\": \"Third\"}"
                .formatted(second.json().path("id").asString()));
    assertThat(texts(sent().path("messages")))
        .containsExactly(
            "user: First", "assistant: One.", "user: Second", "assistant: Two.", "user: Third");
  }

  @Test
  void referencedItemIsRead() throws Exception {
    String first = created("\"input\": \"First\"");
    String item =
        gateway.client().get("/v1/responses/" + first).json().at("/output/0/id").asString();

    Answer answer =
        create(
            """
            {"model": "claude/claude-x", "store": false, "input": [{"role": "user", "content": "First"},
              {"type": "item_reference", "id": "%s"}, {"role": "user", "content": "Second"}]}
            """
                .formatted(item));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(texts(sent().path("messages")))
        .containsExactly("user: First", "assistant: One.", "user: Second");
  }

  @Test
  void keptResponseIsShownAndDeleted() throws Exception {
    String id = created("\"input\": \"First\"");
    TestClient client = gateway.client();

    assertThat(client.get("/v1/responses/" + id).json().at("/output/0/content/0/text").asString())
        .isEqualTo("One.");
    JsonNode items = client.get("/v1/responses/" + id + "/input_items").json();
    assertThat(items.path("object").asString()).isEqualTo("list");
    assertThat(items.at("/data/0/content"))
        .isEqualTo(Json.MAPPER.readTree("[{\"type\": \"input_text\", \"text\": \"First\"}]"));
    assertThat(client.post("/v1/responses/" + id + "/cancel", "").status()).isEqualTo(400);

    Answer deleted = client.delete("/v1/responses/" + id);
    assertThat(deleted.json().path("deleted").asBoolean()).isTrue();
    assertThat(client.get("/v1/responses/" + id).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "?limit=2&order=asc, 0, 1, true",
    "?limit=2, 2, 1, true",
    "?order=asc&after=b, 2, 2, false",
    "'', 2, 0, false"
  })
  void inputIsListedByPage(String query, int first, int last, boolean hasMore) throws Exception {
    String id =
        created(
            """
            "input": [{"id": "a", "role": "user", "content": "0"}, {"id": "b", "role": "user", "content": "1"},
              {"id": "c", "role": "user", "content": "2"}]\
            """);

    JsonNode page = gateway.client().get("/v1/responses/" + id + "/input_items" + query).json();

    JsonNode data = page.path("data");
    assertThat(data.at("/0/content/0/text").asString()).isEqualTo(Integer.toString(first));
    assertThat(data.path(data.size() - 1).at("/content/0/text").asString())
        .isEqualTo(Integer.toString(last));
    assertThat(page.path("first_id")).isEqualTo(data.at("/0/id"));
    assertThat(page.path("has_more").asBoolean()).isEqualTo(hasMore);
  }

  @Test
  void textOfModelInInputIsListedAsItsPart() throws Exception {
    String id = created("\"input\": [{\"role\": \"assistant\", \"content\": \"Before\"}]");

    JsonNode items = gateway.client().get("/v1/responses/" + id + "/input_items").json();

    assertThat(items.at("/data/0/content"))
        .isEqualTo(
            Json.MAPPER.readTree(
                "[{\"type\": \"output_text\", \"annotations\": [], \"text\": \"Before\"}]"));
  }

  @ParameterizedTest
  @CsvSource({"limit=0, limit", "limit=101, limit", "after=no, after", "order=up, order"})
  void invalidPageIsRejected(String query, String field) throws Exception {
    String id = created("\"input\": \"First\"");
    Answer answer = gateway.client().get("/v1/responses/" + id + "/input_items?" + query);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/error/param").asString()).isEqualTo(field);
  }

  @Test
  void otherKeyFindsNoResponse() throws Exception {
    String id = created("\"input\": \"First\"");
    String item = gateway.client().get("/v1/responses/" + id).json().at("/output/0/id").asString();

    List<Answer> answers =
        List.of(
            other.get("/v1/responses/" + id),
            other.get("/v1/responses/" + id + "/input_items"),
            other.delete("/v1/responses/" + id),
            other.post("/v1/responses/" + id + "/cancel", ""),
            other.post(
                "/v1/responses",
                "{\"model\": \"claude/claude-x\", \"previous_response_id\": \"%s\", \"input\": \"x\"}"
                    .formatted(id)),
            other.post(
                "/v1/responses",
                "{\"model\": \"claude/claude-x\", \"input\": [{\"type\": \"item_reference\", \"id\": \"%s\"}]}"
                    .formatted(item)));

    assertThat(answers)
        .allSatisfy(answer -> {
          assertThat(answer.status()).as(answer.text()).isEqualTo(404);
          assertThat(answer.json().at("/error/code").asString()).isEqualTo("response_not_found");
        });
    assertThat(gateway.client().get("/v1/responses/" + id).status()).isEqualTo(200);
  }

  @Test
  void responseThatTheClientDoesNotStoreIsNotKept() throws Exception {
    String id = created("\"store\": false, \"input\": \"First\"");
    assertThat(gateway.client().get("/v1/responses/" + id).status()).isEqualTo(404);
  }

  @Test
  void streamedResponseIsKeptBeforeItsLastEvent() throws Exception {
    gateway.stream(CLAUDE_STREAM + CLAUDE_END);

    Answer answer =
        create("{\"model\": \"claude/claude-x\", \"stream\": true, \"input\": \"First\"}");

    String last = answer.text().substring(answer.text().lastIndexOf("data: ") + 6);
    JsonNode completed = json(last);
    assertThat(completed.path("type").asString()).isEqualTo("response.completed");
    String id = completed.at("/response/id").asString();
    assertThat(gateway.client().get("/v1/responses/" + id).json())
        .isEqualTo(completed.path("response"));
  }

  @Test
  void truncatedStreamEndsWithAFailedResponse() {
    gateway.stream(CLAUDE_STREAM);

    String text =
        create("{\"model\": \"claude/claude-x\", \"stream\": true, \"input\": \"First\"}").text();

    String[] events = text.split("\n\n", -1);
    JsonNode created = data(events[0]);
    JsonNode failed = data(events[events.length - 3]);
    JsonNode error = data(events[events.length - 2]);
    assertThat(failed.path("type").asString()).isEqualTo("response.failed");
    assertThat(failed.at("/response/id")).isEqualTo(created.at("/response/id"));
    assertThat(failed.at("/response/error/message").asString()).isNotEmpty();
    assertThat(failed.at("/response/error/code").asString()).isEqualTo("server_error");
    assertThat(failed.path("sequence_number").asInt()).isEqualTo(events.length - 3);
    assertThat(error.path("type").asString()).isEqualTo("error");
    assertThat(error.at("/error/message").asString()).isNotEmpty();
    assertThat(error.path("code").asString()).isEqualTo("server_error");
    assertThat(text).doesNotContain("response.completed");
  }

  @Test
  void conversationThatIsTooLongFailsInTheStream() {
    gateway.respondWith(
        FakeUpstream.response(
            "400 X",
            "application/json",
            "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
                + "\"message\":\"prompt is too long: 9 tokens > 8 maximum\"}}"));
    String body = "{\"model\": \"claude/claude-x\", \"stream\": %s, \"input\": \"Long\"}";

    Answer stream = create(body.formatted(true));
    Answer complete = create(body.formatted(false));

    assertThat(stream.status()).isEqualTo(200);
    assertThat(stream.header("Content-Type")).startsWith("text/event-stream");
    assertThat(stream.header("Agent-Lab-Provider")).isEqualTo("claude");
    List<JsonNode> events =
        Arrays.stream(stream.text().split("\n\n"))
            .filter(event -> !event.isEmpty())
            .map(ResponsesGatewayIT::data)
            .toList();
    assertThat(events)
        .extracting(event -> event.path("type").asString())
        .containsExactly("response.created", "response.in_progress", "response.failed", "error");
    assertThat(events)
        .extracting(event -> event.path("sequence_number").asInt())
        .containsExactly(0, 1, 2, 3);
    assertThat(events.get(2).at("/response/id")).isEqualTo(events.get(0).at("/response/id"));
    assertThat(events.get(2).at("/response/error/code").asString())
        .isEqualTo("context_length_exceeded");
    assertThat(events.get(3).at("/error/message").asString()).contains("prompt is too long");
    assertThat(complete.status()).isEqualTo(400);
    assertThat(complete.json().at("/error/code").asString()).isEqualTo("context_length_exceeded");
  }

  private static JsonNode data(String event) {
    return json(event.substring(event.indexOf("data: ") + 6));
  }

  @Test
  void inputTokensOfAnotherVendorAreEstimated() {
    Answer answer =
        gateway
            .client()
            .post(
                "/v1/responses/input_tokens",
                "{\"model\": \"oai-chat/gpt\", \"input\": \"Hello\"}"
                    .replace("oai-chat/gpt", "claude/claude-x"));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().path("object").asString()).isEqualTo("response.input_tokens");
    assertThat(answer.json().path("input_tokens").asInt()).isPositive();
    assertThat(answer.header("Agent-Lab-Warnings")).contains("estimate");
  }

  @Test
  void compactNeedsAProviderWithTheApi() {
    Answer answer =
        gateway
            .client()
            .post("/v1/responses/compact", "{\"model\": \"claude/claude-x\", \"input\": \"x\"}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/error/param").asString()).isEqualTo("model");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"conversation\": \"conv_1\"', conversation",
    "'\"previous_response_id\": 5', previous_response_id",
    "'\"background\": true', background"
  })
  void requestThatCannotBeServedIsRejected(String members, String param) {
    Answer answer =
        create("{\"model\": \"claude/claude-x\", \"input\": \"x\", %s}".formatted(members));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/error/param").asString()).isEqualTo(param);
  }

  @Test
  void webSocketIsRefused() throws Exception {
    try (RawHttpConnection wire = new RawHttpConnection(gateway.server().url().getPort())) {
      RawHttpConnection.RawResponse answer =
          wire.sendRaw(
                  """
                  GET /v1/responses HTTP/1.1\r
                  Host: localhost\r
                  Authorization: Bearer %s\r
                  Connection: Upgrade\r
                  Upgrade: websocket\r
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                  Sec-WebSocket-Version: 13\r
                  \r
                  """
                      .formatted(gateway.server().adminKey()))
              .readResponse();
      assertThat(answer.status()).isEqualTo(426);
      assertThat(json(answer.text()).at("/error/message").asString()).contains("POST");
    }
  }

  @Test
  void chatInTheFormOfAResponseIsAnswered() throws Exception {
    gateway.respondWith(FakeUpstream.json(CLAUDE.formatted("Hi")));

    Answer answer =
        gateway
            .client()
            .post(
                "/v1/chat/completions",
                """
                {"model": "claude/claude-x", "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}],
                 "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}]}
                """);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().path("object").asString()).isEqualTo("chat.completion");
    assertThat(answer.json().at("/choices/0/message/content").asString()).isEqualTo("Hi");
    assertThat(sent().at("/tools/0/name").asString()).isEqualTo("f");
  }

  @Test
  void nativeBytesPassBothWays() throws Exception {
    String response = RESPONSE.formatted("resp_n1");
    gateway.respondWith(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-codex-turn-state: a\r\nx-request-id: req_1\r\n"
            + "Content-Length: %d\r\n\r\n%s".formatted(response.length(), response));

    Answer answer =
        gateway
            .client()
            .post(
                "/v1/responses",
                "{ \"model\": \"oai/gpt-x\", \"input\": [ {\"role\":\"user\", \"content\":\"Hi\"} ], \"odd\": 1.50}",
                "OpenAI-Beta",
                "responses=v1",
                "x-codex-turn-state",
                "b",
                "Cookie",
                "session=1");

    assertThat(answer.text()).isEqualTo(response);
    assertThat(answer.header("x-codex-turn-state")).isEqualTo("a");
    assertThat(answer.header("x-request-id")).isEqualTo("req_1");
    FakeUpstream.Request sent = gateway.upstream().request();
    assertThat(sent.requestLine()).isEqualTo("POST /v1/responses HTTP/1.1");
    assertThat(sent.body())
        .isEqualTo(
            "{\"model\":\"gpt-x\",\"input\": [ {\"role\":\"user\", \"content\":\"Hi\"} ],\"odd\": 1.50}");
    assertThat(sent.header("openai-beta")).contains("responses=v1");
    assertThat(sent.header("x-codex-turn-state")).contains("b");
    assertThat(sent.header("cookie")).isEmpty();
  }

  @Test
  void providerKeepsItsOwnResponses() throws Exception {
    gateway.respondWith(FakeUpstream.json(RESPONSE.formatted("resp_n2")));
    Answer created = create("{\"model\": \"oai/gpt-x\", \"input\": \"Hi\"}");
    assertThat(created.status()).as(created.text()).isEqualTo(200);
    assertThat(gateway.upstream().request().body()).contains("Hi");
    TestClient client = gateway.client();

    assertThat(client.get("/v1/responses/resp_n2?include=x").text()).contains("9007199254740993");
    assertThat(gateway.upstream().request().requestLine())
        .isEqualTo("GET /v1/responses/resp_n2?include=x HTTP/1.1");
    assertThat(client.get("/v1/responses/resp_n2/input_items").status()).isEqualTo(200);
    assertThat(gateway.upstream().request().requestLine())
        .isEqualTo("GET /v1/responses/resp_n2/input_items HTTP/1.1");
    assertThat(client.post("/v1/responses/resp_n2/cancel", "").status()).isEqualTo(200);
    assertThat(gateway.upstream().request().requestLine())
        .isEqualTo("POST /v1/responses/resp_n2/cancel HTTP/1.1");

    Answer next =
        create(
            "{\"model\": \"oai/gpt-x\", \"previous_response_id\": \"resp_n2\", \"store\": false, \"input\": \"x\"}");
    assertThat(next.status()).as(next.text()).isEqualTo(200);
    assertThat(sent().path("previous_response_id").asString()).isEqualTo("resp_n2");

    assertThat(other.get("/v1/responses/resp_n2").status()).isEqualTo(404);
    assertThat(
            other
                .post(
                    "/v1/responses",
                    "{\"model\": \"oai/gpt-x\", \"previous_response_id\": \"resp_n2\", \"input\": \"x\"}")
                .status())
        .isEqualTo(404);

    Answer elsewhere =
        create(
            "{\"model\": \"claude/claude-x\", \"previous_response_id\": \"resp_n2\", \"input\": \"x\"}");
    assertThat(elsewhere.status()).isEqualTo(400);
    assertThat(elsewhere.json().at("/error/param").asString()).isEqualTo("previous_response_id");

    assertThat(client.delete("/v1/responses/resp_n2").status()).isEqualTo(200);
    assertThat(gateway.upstream().request().requestLine())
        .isEqualTo("DELETE /v1/responses/resp_n2 HTTP/1.1");
    assertThat(client.get("/v1/responses/resp_n2").status()).isEqualTo(404);
  }

  @Test
  void providerWithTheApiContinuesAConversationOfAnother() throws Exception {
    String first = created("\"input\": \"First\"");
    gateway.respondWith(FakeUpstream.json(RESPONSE.formatted("resp_n3")));

    Answer answer =
        create(
            "{\"model\": \"oai/gpt-x\", \"previous_response_id\": \"%s\", \"input\": \"Second\"}"
                .formatted(first));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode sent = sent();
    assertThat(sent.has("previous_response_id")).isFalse();
    assertThat(sent.path("input")).hasSize(3);
    assertThat(sent.at("/input/0/content").asString()).isEqualTo("First");
    assertThat(sent.at("/input/2/content").asString()).isEqualTo("Second");
  }

  @Test
  void itemsThatAreTooLargeTogetherAreRejected() throws Exception {
    gateway.respondWith(FakeUpstream.json(CLAUDE.formatted("x".repeat(100_000))));
    Answer large = create("{\"model\": \"claude/claude-x\", \"input\": \"First\"}");
    String item = large.json().at("/output/0/id").asString();
    String reference = "{\"type\": \"item_reference\", \"id\": \"%s\"}".formatted(item);

    Answer answer =
        create(
            "{\"model\": \"claude/claude-x\", \"store\": false, \"input\": [%s]}"
                .formatted(String.join(",", Collections.nCopies(200, reference))));

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().at("/error/param").asString()).isEqualTo("input");
    assertThat(answer.json().at("/error/message").asString()).contains("together");
  }

  @ParameterizedTest
  @ValueSource(strings = {"resp_x", "\\u0000", "resp_\\u0000"})
  void unknownPreviousResponseIsNotFound(String id) {
    Answer answer =
        create(
            "{\"model\": \"claude/claude-x\", \"previous_response_id\": \"%s\", \"input\": \"x\"}"
                .formatted(id));
    assertThat(answer.status()).as(answer.text()).isEqualTo(404);
    assertThat(answer.json().at("/error/code").asString()).isEqualTo("response_not_found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Previous_Response_Id", "Conversation", "STORE"})
  void memberInAnotherSpellingIsRejected(String member) {
    Answer answer =
        create(
            "{\"model\": \"oai/gpt-x\", \"input\": \"x\", \"%s\": \"resp_1\"}".formatted(member));
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
  }

  @Test
  void chatDoesNotContinueAResponse() throws Exception {
    String id = created("\"input\": \"First\"");
    Answer answer =
        gateway
            .client()
            .post(
                "/v1/chat/completions",
                "{\"model\": \"claude/claude-x\", \"previous_response_id\": \"%s\", \"input\": \"x\"}"
                    .formatted(id));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/error/param").asString()).isEqualTo("previous_response_id");
  }

  @Test
  void providerContinuesAConversationWhoseBeginningIsDeletedHere() throws Exception {
    gateway.respondWith(FakeUpstream.json(RESPONSE.formatted("resp_c1")));
    Answer _ = create("{\"model\": \"oai/gpt-x\", \"input\": \"Hi\"}");
    gateway.respondWith(FakeUpstream.json(RESPONSE.formatted("resp_c2")));
    Answer _ =
        create(
            "{\"model\": \"oai/gpt-x\", \"previous_response_id\": \"resp_c1\", \"input\": \"x\"}");
    assertThat(gateway.client().delete("/v1/responses/resp_c1").status()).isEqualTo(200);

    Answer third =
        create(
            "{\"model\": \"oai/gpt-x\", \"previous_response_id\": \"resp_c2\", \"input\": \"y\"}");

    assertThat(third.status()).as(third.text()).isEqualTo(200);
  }

  @Test
  void providerCompactsWithoutTheReasoningOfOthers() throws Exception {
    gateway.respondWith(FakeUpstream.json("{\"object\": \"response.compaction\", \"output\": []}"));

    Answer answer =
        gateway
            .client()
            .post(
                "/v1/responses/compact",
                """
                {"model":"oai/gpt-x","input":[{"type":"reasoning","id":"rs_0123456789abcdef0123456789abcdef_0","summary":[]},\
                {"role":"user","content":"Hi"}]}\
                """);

    assertThat(answer.text()).isEqualTo("{\"object\": \"response.compaction\", \"output\": []}");
    FakeUpstream.Request sent = gateway.upstream().request();
    assertThat(sent.requestLine()).isEqualTo("POST /v1/responses/compact HTTP/1.1");
    assertThat(sent.body())
        .isEqualTo("{\"model\":\"gpt-x\",\"input\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
  }

  @Test
  void nativeStreamPassesAndItsResponseBelongsToTheCaller() {
    String stream =
        """
        event: response.created
        data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_n4","object":"response","status":"in_progress","output":[]}}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","sequence_number":1,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hi\\u2028","odd":1.50}

        event: response.completed
        data: {"type":"response.completed","sequence_number":2,"response":{"id":"resp_n4","status":"completed","output":[],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}}

        """;
    gateway.stream(stream);

    Answer answer = create("{\"model\": \"oai/gpt-x\", \"stream\": true, \"input\": \"Hi\"}");

    assertThat(answer.text()).isEqualTo(stream);
    assertThat(other.get("/v1/responses/resp_n4").status()).isEqualTo(404);
    assertThat(gateway.client().get("/v1/responses/resp_n4").status()).isEqualTo(200);
  }

  @Test
  void truncatedNativeStreamEndsWithAFailedResponse() {
    gateway.stream(
        """
        event: response.created
        data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_n5","object":"response","status":"in_progress","output":[]}}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","sequence_number":1,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hi"}

        """);

    String text = create("{\"model\": \"oai/gpt-x\", \"stream\": true, \"input\": \"Hi\"}").text();

    assertThat(text)
        .contains(
            "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":2,\"response\":{\"id\":\"resp_n5\"")
        .contains("event: error\ndata: {\"type\":\"error\",\"sequence_number\":3");
  }
}
