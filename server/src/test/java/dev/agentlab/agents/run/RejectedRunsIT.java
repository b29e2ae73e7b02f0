package dev.agentlab.agents.run;

import static dev.agentlab.agents.run.ScriptedRuns.json;
import static dev.agentlab.agents.run.ScriptedRuns.rawResponse;
import static dev.agentlab.server.ScriptedServer.PROVIDER_KEY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rejected runs and failed model calls.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RejectedRunsIT {
  @RegisterExtension private final ScriptedRuns runs = new ScriptedRuns();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          embed|{"input": 1}|must be a string or an array of strings
          embed|{"input": []}|must be a string or an array of strings
          embed|{"input": "a", "options": {"model": "m"}}|is set by the agent and cannot be overridden
          embed|{"input": "a", "model": "m"}|model: is set by the agent and cannot be overridden
          embed|{"input": "a", "dimension": 1}|dimension: is unknown; did you mean dimensions? Members that only the provider knows go into options
          embed|{"inputs": "a"}|inputs: is unknown; did you mean input?; input: is required
          embed|{}|"detail":"input: is required"
          embed|{"input": 1, "tokn": "x"}|tokn: is unknown; did you mean token? Members that only the provider knows go into options; input: must be a string or an array of strings
          embed|{"input": "a", "user": "u", "options": {"user": "u"}}|user: is also given in options
          """)
  void invalidEmbedInputIsRejectedBeforeModelCall(String what, String json, String message) {
    Answer answer =
        runs.client()
            .post(
                "/api/agents/%s/%s".formatted(runs.createAgent("\"embeddings\": {}", ""), what),
                json);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains(message);
    assertThat(runs.upstream().isIdle()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}|exactly one of prompt and messages must be given
          {"prompt": "a", "messages": []}|exactly one of prompt and messages must be given
          {"prompt": ""}|must not be empty
          {"messages": []}|must contain at least one message
          {"messages": [{}]}|must be system, developer, user, assistant, tool or function
          {"messages": [{"role": "banana", "content": "a"}]}|must be system, developer, user, assistant
          {"prompt": "a", "options": {"stream_options": "x"}}|must be an object, or null
          {"prompt": "a", "options": {"stream_options": [1]}}|must be an object, or null
          {"prompt": "a", "tempratur": 1}|tempratur: is unknown; did you mean temperature?
          {"promt": "a"}|promt: is unknown; did you mean prompt? Members that only the provider knows go into options; prompt: exactly one of prompt and messages must be given
          {"prompt": "a", "json_schem": {}}|json_schem: is unknown; did you mean json_schema?
          {"prompt": "a", "tokn": "a"}|tokn: is unknown; did you mean token?
          {"prompt": "a", "repare": true}|repare: is unknown; did you mean repair?
          {"prompt": "a", "api_key": "a"}|api_key: is unknown; known members are prompt, messages, options, json_schema, repair, token, and members of OpenAI's request, such as user; members that only the provider knows go into options
          {"prompt": "a", "n": 1, "options": {"n": 1}}|n: is also given in options
          {"prompt": "a", "stream": true}|stream: is set by the agent and cannot be overridden
          {"prompt": "a", "options": {"stream": true}}|is set by the agent and cannot be overridden
          {"prompt": "a", "json_schema": {"$ref": "file:///etc/passwd"}}|self-contained
          {"prompt": "a", "json_schema": {"type": 7}}|must be a JSON Schema
          {"prompt": "a", "token": "new\\nline"}|must be printable ASCII
          """)
  void invalidChatInputIsRejectedBeforeModelCall(String json, String message) {
    Answer answer = runs.chat(runs.createAgent("\"chat\": {}", ""), json);

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.text()).contains(message);
    assertThat(runs.upstream().isIdle()).isTrue();
  }

  @Test
  void misspeltToolsAndPromptAreReportedTogether() throws Exception {
    String path = "/api/agents/%s/tools".formatted(runs.createAgent("\"tools\": {}", ""));
    Answer answer = runs.client().post(path, "{\"promt\": \"a\", \"tool\": []}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text())
        .contains("promt: is unknown; did you mean prompt?")
        .contains("tool: is unknown; did you mean tools?")
        .contains("tools: is required")
        .contains("prompt: exactly one of prompt and messages must be given");
  }

  @Test
  void providerErrorIsReportedWithoutSecrets() throws Exception {
    runs.setScript(
        rawResponse(
            FakeUpstream.response(
                "401 No",
                "application/json",
                "{\"error\":{\"message\":\"bad key %s\",\"type\":\"invalid_request_error\","
                        .formatted(PROVIDER_KEY)
                    + "\"code\":\"invalid_api_key\",\"param\":\"%s\"}}".formatted(PROVIDER_KEY))));

    Answer answer = runs.chat(runs.createAgent("\"chat\": {}", ""), "{\"prompt\": \"x\"}");
    runs.upstream().request();

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().get("type").stringValue()).isEqualTo("/problems/upstream-failed");
    assertThat(answer.text()).contains("the provider returned status 401: bad key ***");
    assertThat(answer.json().get("upstream"))
        .hasToString(
            "{\"status\":401,\"type\":\"invalid_request_error\",\"code\":\"invalid_api_key\","
                + "\"param\":\"***\"}");
    assertThat(answer.text()).doesNotContain(PROVIDER_KEY);
  }

  @Test
  void providerRetryAfterIsPassedThrough() throws Exception {
    runs.setScript(rawResponse("HTTP/1.1 429 No\r\nRetry-After: 77\r\nContent-Length: 0\r\n\r\n"));

    Answer answer = runs.chat(runs.createAgent("\"chat\": {}", ""), "{\"prompt\": \"x\"}");
    runs.upstream().request();

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("Retry-After")).isEqualTo("77");
  }

  @Test
  void streamWithJsonSchemaIsRejected() throws Exception {
    String path = "/api/agents/%s/chat/stream".formatted(runs.createAgent("\"chat\": {}", ""));
    Answer answer =
        runs.client().post(path, "{\"prompt\": \"a\", \"json_schema\": {\"type\": \"object\"}}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("json_schema: is accepted only for non-streaming responses");
    assertThat(runs.upstream().isIdle()).isTrue();
  }
}
