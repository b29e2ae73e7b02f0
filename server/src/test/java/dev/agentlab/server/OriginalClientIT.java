package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.run.VisionForm;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// A session of a client of the Go original: its requests and the expected responses
/// (`original/requests.json`), with a scripted provider.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OriginalClientIT {
  private static final String ANSWER =
      "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},"
          + "\"finish_reason\":\"stop\"}],\"usage\":{\"total_tokens\":3}}";
  private static final String VECTORS = "{\"data\":[{\"index\":0,\"embedding\":[0.5]}]}";
  private static final String STREAM =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n"
          + "data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\n"
          + "data: [DONE]\n\n";

  @RegisterExtension private final TestServer server = new TestServer();

  private final Map<String, String> kept = new HashMap<>();

  @Test
  void sessionOfOriginalClientPasses() throws Exception {
    try (FakeUpstream upstream = FakeUpstream.start(OriginalClientIT::answer)) {
      kept.put("upstream", upstream.url("").toString());
      for (JsonNode step : steps()) {
        String request = filled(step.get("request").asString());
        Answer answer = send(request, step);
        assertThat(answer.status())
            .as("%s: %s", request, answer.text())
            .isEqualTo(step.get("status").asInt());
        step.path("answer")
            .forEachEntry((at, value) -> requireAt(request, answer.json(), at, value));
        if (step.has("text")) {
          assertThat(answer.text()).as(request).isEqualTo(step.get("text").asString());
        }
        if (answer.status() == 200 && request.matches("POST /api/agents/[^/]+/.*")) {
          JsonNode received = Json.MAPPER.readTree(upstream.request().body());
          step.path("upstream")
              .forEachEntry((at, value) -> requireAt(request, received, at, value));
        }
        step.path("keep")
            .forEachEntry((name, at) -> kept.put(name, answer.json().at(at.asString()).asString()));
      }
    }
  }

  private Answer send(String request, JsonNode step) {
    String[] parts = request.split(" ", 2);
    if (step.has("form")) {
      return server.client().post(parts[1], form(step.get("form")), VisionForm.TYPE);
    }
    String body = filled(step.path("body").toString());
    return switch (parts[0]) {
      case "POST" -> server.client().post(parts[1], body);
      case "PUT" -> server.client().put(parts[1], body);
      case "DELETE" -> server.client().delete(parts[1]);
      default -> server.client().get(parts[1]);
    };
  }

  private static byte[] form(JsonNode fields) {
    Map<String, String> others = new HashMap<>();
    fields.forEachEntry((name, value) -> others.put(name, value.asString()));
    return VisionForm.create(
        Objects.requireNonNull(others.remove("prompt")), VisionForm.PNG, others);
  }

  private void requireAt(String request, JsonNode json, String at, JsonNode expected) {
    JsonNode found = json.at(at);
    String described = "%s: %s in %s".formatted(request, at, json);
    if (expected.isNumber()) {
      assertThat(found.decimalValue()).as(described).isEqualByComparingTo(expected.decimalValue());
    } else {
      assertThat(found.asString()).as(described).isEqualTo(filled(expected.asString()));
    }
  }

  private String filled(String text) {
    String filled = text;
    for (Map.Entry<String, String> value : kept.entrySet()) {
      filled = filled.replace("${%s}".formatted(value.getKey()), value.getValue());
    }
    return filled;
  }

  private static JsonNode steps() throws IOException {
    try (InputStream steps =
        Objects.requireNonNull(
            OriginalClientIT.class.getResourceAsStream("/original/requests.json"))) {
      return Json.MAPPER.readTree(steps);
    }
  }

  private static void answer(FakeUpstream.Request request, OutputStream out) throws IOException {
    boolean streams = Json.MAPPER.readTree(request.body()).path("stream").booleanValue(false);
    String answer =
        request.requestLine().contains("/embeddings ")
            ? FakeUpstream.json(VECTORS)
            : streams ? FakeUpstream.events() + STREAM : FakeUpstream.json(ANSWER);
    out.write(answer.getBytes(StandardCharsets.UTF_8));
    out.flush();
    if (streams) {
      out.close();
    }
  }
}
