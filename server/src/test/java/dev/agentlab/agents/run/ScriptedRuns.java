package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.FakeUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tools.jackson.databind.JsonNode;

/// A server for all tests of a class, with agents whose provider sends the bytes that a test
/// scripts.
final class ScriptedRuns implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
  static final String KEY = "sk-canary-0123456789abcdef";
  static final String COMPLETION =
      """
      {"id":"c1", "choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},\
      "finish_reason":"stop"}], "odd":1.50}\
      """;

  private final TestServer server = new TestServer();
  private final AgentApi api = new AgentApi(server);
  private final AtomicReference<FakeUpstream.Script> script =
      new AtomicReference<>(jsonResponse(COMPLETION));
  private final FakeUpstream upstream =
      FakeUpstream.start((request, out) -> script.get().respond(request, out));

  @Override
  public void beforeAll(ExtensionContext context) {
    server.start();
  }

  /// Discards the requests of other tests.
  @Override
  public void beforeEach(ExtensionContext context) throws InterruptedException {
    while (!upstream.isIdle()) {
      upstream.request();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    server.stop();
    upstream.close();
  }

  TestServer server() {
    return server;
  }

  TestClient client() {
    return server.client();
  }

  FakeUpstream upstream() {
    return upstream;
  }

  /// Sets the script of the provider.
  void setScript(FakeUpstream.Script next) {
    script.set(next);
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
        .formatted(system, ollamaConfig("", "\"token\": \"%s\", ".formatted(KEY)), capabilities);
  }

  String ollamaConfig(String path, String token) {
    return "{\"name\": \"ollama\", \"base_url\": \"%s\", \"options\": {%s\"auth_type\": \"bearer\"}}"
        .formatted(upstream.url(path), token);
  }

  String createProvider(String name) {
    return registered(name, ollamaConfig("", "\"token\": \"%s\", ".formatted(KEY)));
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
