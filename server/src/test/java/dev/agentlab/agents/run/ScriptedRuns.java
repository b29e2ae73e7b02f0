package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.json.Json;
import dev.agentlab.server.ScriptedServer;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/// A server for all tests of a class, with agents whose provider sends the bytes that a test
/// scripts.
final class ScriptedRuns extends ScriptedServer {
  static final String COMPLETION =
      """
      {"id":"c1", "choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},\
      "finish_reason":"stop"}], "odd":1.50}\
      """;

  private final AgentApi api = new AgentApi(server());

  ScriptedRuns() {
    super(jsonResponse(COMPLETION));
  }

  TestClient client() {
    return server().client();
  }

  String createAgent(String capabilities, String system) {
    Answer created = api.create(uniqueName("agent"), config(capabilities, system));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return id(created);
  }

  String config(String capabilities, String system) {
    return """
    {"system_prompt": "%s", "provider": %s,
     "model": {"name": "llama3.2", "capabilities": {%s}}}
    """
        .formatted(
            system, ollamaConfig("", "\"token\": \"%s\", ".formatted(PROVIDER_KEY)), capabilities);
  }

  String ollamaConfig(String path, String token) {
    return "{\"name\": \"ollama\", \"base_url\": \"%s\", \"options\": {%s\"auth_type\": \"bearer\"}}"
        .formatted(upstream().url(path), token);
  }

  String createProvider(String name) {
    return registered(name, ollamaConfig("", "\"token\": \"%s\", ".formatted(PROVIDER_KEY)));
  }

  /// Registers a simulated provider.
  ///
  /// @param options JSON members
  String simulated(String name, String options) {
    return registered(name, "{\"name\": \"simulated\", \"options\": {%s}}".formatted(options));
  }

  private String registered(String name, String config) {
    Answer created = api.client().post("/api/providers", body(name, config));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return id(created);
  }

  String createAgentOf(String provider, String capabilities) {
    Answer created =
        api.create(
            uniqueName("agent"),
            """
            {"provider_id": "%s", "model": {"name": "llama3.2", "capabilities": {%s}}}
            """
                .formatted(provider, capabilities));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return id(created);
  }

  Answer chat(String agent, String json) {
    return api.client().post("/api/agents/%s/chat".formatted(agent), json);
  }

  static JsonNode json(FakeUpstream.Request request) {
    return Json.MAPPER.readTree(request.body());
  }

  static FakeUpstream.Script jsonResponse(String json) {
    return rawResponse(FakeUpstream.json(json));
  }

  static FakeUpstream.Script rawResponse(String bytes) {
    return (_, out) -> write(out, bytes);
  }

  static FakeUpstream.Script eventStream(String events) {
    return (_, out) -> {
      write(out, FakeUpstream.events() + events);
      out.close();
    };
  }

  static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
