package dev.agentlab.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Completions of models and agents that only have chats.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompletionsIT {
  /// https://docs.anthropic.com/en/api/messages
  private static final String MESSAGE =
      """
      {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
       "content": [{"type": "thinking", "thinking": "hm", "signature": "s"},
                   {"type": "text", "text": "one, two"}],
       "stop_reason": "max_tokens", "usage": {"input_tokens": 3, "output_tokens": 2}}\
      """;

  /// https://docs.anthropic.com/en/docs/build-with-claude/streaming
  private static final String STREAM =
      """
      data: {"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":3,"output_tokens":0}}}

      data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"one"}}

      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":", two"}}

      data: {"type":"content_block_stop","index":0}

      data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}

      data: {"type":"message_stop"}

      """;

  /// https://platform.openai.com/docs/api-reference/chat/object
  private static final String COMPLETION =
      """
      {"id": "c-1", "object": "chat.completion", "created": 5, "model": "gpt-x",
       "choices": [{"index": 0, "message": {"role": "assistant", "content": "ab"}, "finish_reason": "stop",
         "logprobs": {"content": [
           {"token": "a", "logprob": -0.5, "top_logprobs": [{"token": "a", "logprob": -0.5}]},
           {"token": "b", "logprob": -1, "top_logprobs": []}]}}],
       "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}\
      """;

  @RegisterExtension private final GatewayFixture gateway = new GatewayFixture();

  @BeforeAll
  void register() {
    gateway.registerProvider("oai", "openai", "");
    gateway.registerProvider("claude", "anthropic", "");
    gateway.register("sim", "{\"name\": \"simulated\"}");
    gateway.createAgent(
        "helper",
        """
        "system_prompt": "Be brief.", "provider": "oai", "client": {"retry": {"max_retries": 0}},
        "model": {"name": "gpt-x", "capabilities": {"chat": {"temperature": 0.3}}}
        """);
  }

  private Answer complete(String json) {
    return gateway.client().post("/v1/completions", json);
  }

  private JsonNode sent() throws Exception {
    return Json.MAPPER.readTree(gateway.upstream().request().body());
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"count\"", "[\"count\"]"})
  void translatedProviderAnswersAsAText(String prompt) throws Exception {
    gateway.respondWith(FakeUpstream.json(MESSAGE));

    Answer answer =
        complete(
            "{\"model\": \"claude/x\", \"prompt\": %s, \"max_tokens\": 5, \"echo\": false, \"suffix\": null, \"best_of\": 1}"
                .formatted(prompt));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode completion = json(answer.text());
    assertThat(completion.path("object").asString()).isEqualTo("text_completion");
    assertThat(completion.path("model").asString()).isEqualTo("claude-x");
    assertThat(completion.path("choices"))
        .isEqualTo(
            json(
                "[{\"text\": \"one, two\", \"index\": 0, \"logprobs\": null, \"finish_reason\": \"length\"}]"));
    assertThat(completion.at("/usage/total_tokens").asInt()).isEqualTo(5);
    assertThat(answer.header("Agent-Lab-Provider")).isEqualTo("claude");
    JsonNode sent = sent();
    assertThat(sent.at("/messages/0/role").asString()).isEqualTo("user");
    assertThat(sent.path("messages").toString()).contains("count");
    assertThat(sent.path("max_tokens").asInt()).isEqualTo(5);
    assertThat(sent.propertyNames()).containsOnly("model", "messages", "max_tokens");
  }

  @ParameterizedTest
  @CsvSource({"true, 1", "false, 0"})
  void translatedProviderStreamsTexts(boolean usage, int usageChunks) {
    gateway.stream(STREAM);

    Answer answer =
        complete(
            "{\"model\": \"claude/x\", \"prompt\": \"count\", \"max_tokens\": 5, \"stream\": true, \"stream_options\": {\"include_usage\": %s}}"
                .formatted(usage));

    String[] events = answer.text().split("\n\n");
    assertThat(events).hasSize(4 + usageChunks);
    assertThat(events[events.length - 1]).isEqualTo("data: [DONE]");
    assertThat(chunk(events[0]).at("/choices/0/text").asString()).isEqualTo("one");
    assertThat(chunk(events[1]).at("/choices/0/text").asString()).isEqualTo(", two");
    assertThat(chunk(events[1]).path("object").asString()).isEqualTo("text_completion");
    assertThat(chunk(events[2]).at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    if (usage) {
      assertThat(chunk(events[3]).at("/usage/completion_tokens").asInt()).isEqualTo(2);
    }
  }

  private static JsonNode chunk(String event) {
    return json(event.substring("data: ".length()));
  }

  @Test
  void truncatedStreamEndsWithAnError() {
    gateway.stream(STREAM.substring(0, STREAM.indexOf("data: {\"type\":\"message_delta\"")));

    Answer answer =
        complete(
            "{\"model\": \"claude/x\", \"prompt\": \"count\", \"max_tokens\": 5, \"stream\": true}");

    assertThat(answer.text()).contains("\"error\"").doesNotContain("[DONE]");
  }

  @Test
  void agentAddsItsPromptAndOptions() throws Exception {
    gateway.respondWith(FakeUpstream.json(COMPLETION));

    Answer answer = complete("{\"model\": \"helper\", \"prompt\": \"go\", \"logprobs\": 1}");

    assertThat(answer.header("Agent-Lab-Agent")).isEqualTo("helper");
    FakeUpstream.Request sent = gateway.upstream().request();
    assertThat(sent.requestLine()).startsWith("POST /v1/chat/completions ");
    assertThat(json(sent.body()))
        .isEqualTo(
            json(
                """
                {"model": "gpt-x", "messages": [{"role": "system", "content": "Be brief."},
                 {"role": "user", "content": "go"}], "logprobs": true, "top_logprobs": 1, "temperature": 0.3}\
                """));
    assertThat(json(answer.text()))
        .isEqualTo(
            json(
                """
                {"id": "c-1", "object": "text_completion", "created": 5, "model": "gpt-x",
                 "choices": [{"text": "ab", "index": 0, "finish_reason": "stop",
                   "logprobs": {"tokens": ["a", "b"], "token_logprobs": [-0.5, -1],
                     "text_offset": [0, 1], "top_logprobs": [{"a": -0.5}, {}]}}],
                 "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}\
                """));
  }

  @Test
  void agentStreamsTexts() {
    gateway.stream(
        """
        data: {"id":"c","model":"gpt-x","created":5,"choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"}}]}

        data: {"id":"c","model":"gpt-x","created":5,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: {"id":"c","model":"gpt-x","created":5,"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}

        data: [DONE]

        """);

    Answer answer = complete("{\"model\": \"helper\", \"prompt\": \"go\", \"stream\": true}");

    String[] events = answer.text().split("\n\n");
    assertThat(events).as(answer.text()).hasSize(3);
    assertThat(chunk(events[0]))
        .isEqualTo(
            json(
                """
                {"id": "c", "object": "text_completion", "created": 5, "model": "gpt-x",
                 "choices": [{"text": "Hi", "index": 0, "logprobs": null, "finish_reason": null}]}\
                """));
  }

  @Test
  void simulatedProviderCompletes() {
    Answer answer = complete("{\"model\": \"sim/any\", \"prompt\": \"hello\"}");

    assertThat(json(answer.text()).at("/choices/0/text").asString()).contains("hello");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"prompt\": \"\"                               | prompt",
        "\"prompt\": [\"a\", \"b\"]                     | prompt",
        "\"prompt\": [[1, 2]]                           | prompt",
        "\"max_tokens\": 5                              | prompt",
        "\"prompt\": \"a\", \"suffix\": \"b\"           | suffix",
        "\"prompt\": \"a\", \"echo\": true              | echo",
        "\"prompt\": \"a\", \"best_of\": 2              | best_of",
        "\"prompt\": \"a\", \"tools\": [{}]             | tools",
        "\"prompt\": \"a\", \"temperature\": \"hot\"    | temperature",
      })
  void whatAChatCannotDoIsRefusedByName(String members, String field) {
    Answer answer = complete("{\"model\": \"claude/x\", %s}".formatted(members));

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(json(answer.text()).at("/error/param").asString()).isEqualTo(field);
  }
}
