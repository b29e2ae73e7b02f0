package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.agents.run.ScriptedRuns.COMPLETION;
import static dev.agentlab.agents.run.ScriptedRuns.json;
import static dev.agentlab.agents.run.ScriptedRuns.jsonResponse;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// Vision, tools, embeddings and structured output of agents.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentCapabilitiesIT {
  @RegisterExtension private final ScriptedRuns runs = new ScriptedRuns();

  @Test
  void imageTypeIsDetectedFromContent() throws Exception {
    runs.setScript(jsonResponse(COMPLETION));
    String agent = runs.createAgent("\"vision\": {\"detail\": \"low\"}", "");

    Answer answer = vision(agent, "photo.txt", VisionForm.PNG);

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode content = json(runs.upstream().request()).at("/messages/0/content");
    assertThat(content.at("/0/text").stringValue()).isEqualTo("What is it?");
    assertThat(content.at("/1/image_url/url").stringValue())
        .isEqualTo("data:image/png;base64," + Base64.getEncoder().encodeToString(VisionForm.PNG));
    assertThat(content.at("/1/image_url/detail").stringValue()).isEqualTo("low");

    Answer rejected = vision(agent, "photo.png", "<svg/>".getBytes(StandardCharsets.UTF_8));
    assertThat(rejected.status()).isEqualTo(400);
    assertThat(rejected.text()).contains("images[0]", "must be a PNG, JPEG, GIF or WebP image");
    assertThat(runs.upstream().isIdle()).isTrue();
  }

  @Test
  void visionOptionsApplyToEachImage() throws Exception {
    runs.setScript(jsonResponse(COMPLETION));
    String agent =
        runs.createAgent(
            "\"vision\": {\"vision_options\": {\"detail\": \"auto\", \"fps\": 2}}", "");

    vision(agent, "photo.png", VisionForm.PNG);

    JsonNode request = json(runs.upstream().request());
    assertThat(request.has("vision_options")).isFalse();
    JsonNode image = request.at("/messages/0/content/1/image_url");
    assertThat(image.get("detail").stringValue()).isEqualTo("auto");
    assertThat(image.get("fps").intValue()).isEqualTo(2);
    assertThat(image.get("url").stringValue()).startsWith("data:image/png;base64,");
  }

  @Test
  void agentWithoutOptionsHasProviderCapabilities() throws Exception {
    String agent = runs.createAgent("\"chat\": {\"seed\": 1}", "");
    runs.setScript(jsonResponse("{\"data\": []}"));

    Answer embedded =
        runs.client().post("/api/agents/%s/embed".formatted(agent), "{\"input\": \"a\"}");
    assertThat(embedded.status()).as(embedded.text()).isEqualTo(200);
    assertThat(json(runs.upstream().request()).has("seed")).isFalse();

    runs.setScript(jsonResponse(COMPLETION));
    Answer seen = vision(agent, "photo.png", VisionForm.PNG);
    assertThat(seen.status()).as(seen.text()).isEqualTo(200);
    Answer called =
        runs.client()
            .post(
                "/api/agents/%s/tools".formatted(agent),
                "{\"prompt\": \"x\", \"tools\": [{\"name\": \"f\"}]}");
    assertThat(called.status()).as(called.text()).isEqualTo(200);
  }

  @Test
  void unsupportedCapabilityIsRejected() {
    Answer created =
        runs.client()
            .post(
                "/api/agents",
                """
                {"name": "%s", "config": {"model": {"name": "m"}, "provider": {
                 "name": "anthropic", "options": {"api_key": "sk-0123456789"}}}}
                """
                    .formatted(uniqueName("agent")));

    Answer rejected =
        runs.client().post("/api/agents/%s/embed".formatted(id(created)), "{\"input\": \"a\"}");

    assertThat(rejected.status()).isEqualTo(400);
    assertThat(rejected.text()).contains("provider kind anthropic does not support embeddings");
  }

  @Test
  void functionsAreAcceptedInBothForms() throws Exception {
    String call =
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,"
            + "\"tool_calls\":[{\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
            + "\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}";
    runs.setScript(jsonResponse(call));
    String function =
        "{\"name\": \"f\", \"description\": \"d\", \"parameters\": {\"type\": \"object\"}}";
    String agent = runs.createAgent("\"tools\": {}", "");

    Answer answer =
        runs.client()
            .post(
                "/api/agents/%s/tools".formatted(agent),
                "{\"prompt\": \"x\", \"tools\": [%s, {\"type\": \"function\", \"function\": %s}]}"
                    .formatted(function, function));

    assertThat(answer.text()).isEqualTo(call);
    JsonNode tools = json(runs.upstream().request()).get("tools");
    assertThat(tools.get(0)).isEqualTo(tools.get(1));
    assertThat(tools.at("/0/function")).isEqualTo(Json.MAPPER.readTree(function));
  }

  @Test
  void embeddingsArePassedThrough() throws Exception {
    String vectors = "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[0.10, -1e-7]}]}";
    runs.setScript(jsonResponse(vectors));
    String agent = runs.createAgent("\"embeddings\": {\"dimensions\": 2}", "");

    Answer answer =
        runs.client().post("/api/agents/%s/embed".formatted(agent), "{\"input\": [\"a\"]}");

    assertThat(answer.text()).isEqualTo(vectors);
    FakeUpstream.Request request = runs.upstream().request();
    assertThat(request.requestLine()).startsWith("POST /v1/embeddings ");
    assertThat(request.body())
        .isEqualTo("{\"model\":\"llama3.2\",\"dimensions\":2,\"input\":[\"a\"]}");
  }

  @Test
  void invalidStructuredOutputIsRepairedOnce() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    String wrong = COMPLETION.replace("Hi", "{\\\"a\\\": 1}");
    String right = COMPLETION.replace("Hi", "{\\\"b\\\": 1}");
    runs.setScript((request, out) ->
        jsonResponse(calls.incrementAndGet() % 2 == 1 ? wrong : right).respond(request, out));
    String agent = runs.createAgent("\"chat\": {}", "");
    String input =
        "\"prompt\": \"x\", \"json_schema\": {\"type\": \"object\", \"required\": [\"b\"]}";

    Answer repaired = runs.chat(agent, "{%s, \"repair\": true}".formatted(input));
    assertThat(repaired.text()).isEqualTo(right);
    assertThat(json(runs.upstream().request()).at("/response_format/json_schema/schema/required/0"))
        .hasToString("\"b\"");
    assertThat(json(runs.upstream().request()).at("/messages/2/content").stringValue())
        .contains("required property 'b'");

    Answer rejected = runs.chat(agent, "{%s}".formatted(input));
    runs.upstream().request();
    assertThat(rejected.status()).isEqualTo(502);
    assertThat(rejected.json().get("type").stringValue()).isEqualTo("/problems/answer-invalid");
  }

  private Answer vision(String agent, String fileName, byte[] image) {
    return runs.client()
        .post(
            "/api/agents/%s/vision".formatted(agent),
            VisionForm.create("What is it?", fileName, image),
            VisionForm.TYPE);
  }
}
