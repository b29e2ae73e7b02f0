package dev.agentlab.gateway;

import static dev.agentlab.agents.AgentApi.body;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.server.ScriptedServer;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import java.nio.charset.StandardCharsets;

/// A server for all tests of a class, whose providers all send the bytes that a test scripts.
final class GatewayFixture extends ScriptedServer {
  GatewayFixture() {
    super(bytes(FakeUpstream.response("404 No", "application/json", "{}")));
  }

  /// Sets the bytes of all responses.
  void respondWith(String bytes) {
    setScript(bytes(bytes));
  }

  private static FakeUpstream.Script bytes(String bytes) {
    return (_, out) -> {
      out.write(bytes.getBytes(StandardCharsets.UTF_8));
      out.flush();
    };
  }

  /// Sets the events of all responses, which end with the connection.
  void stream(String events) {
    setScript((_, out) -> {
      out.write((FakeUpstream.events() + events).getBytes(StandardCharsets.UTF_8));
      out.close();
    });
  }

  /// A client with the admin key, whose responses are not in the API description.
  TestClient client() {
    return TestClient.of(server().client().base()).as(server().adminKey());
  }

  /// A client with a key of its own.
  TestClient clientWithScopes(String... scopes) {
    Answer created =
        server()
            .client()
            .post(
                "/api/keys",
                "{\"name\": \"%s\", \"scopes\": %s}"
                    .formatted(String.join(" ", scopes), Json.MAPPER.writeValueAsString(scopes)));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return client().as(created.json().get("key").asString());
  }

  /// Registers a provider whose upstream is that of the tests.
  ///
  /// @param options JSON members, each followed by a comma
  void registerProvider(String name, String kind, String options) {
    register(
        name,
        "{\"name\": \"%s\", \"base_url\": \"%s\", \"options\": {%s\"%s\": \"%s\"}}"
            .formatted(
                kind,
                upstream().url(kind.equals("openai") ? "/v1" : ""),
                options,
                "api_key",
                PROVIDER_KEY));
  }

  /// Registers a provider with an upstream of its own.
  void registerProvider(String name, FakeUpstream own) {
    register(
        name,
        "{\"name\": \"openai\", \"base_url\": \"%s\", \"options\": {\"api_key\": \"%s\"}}"
            .formatted(own.url("/v1"), PROVIDER_KEY));
  }

  void register(String name, String config) {
    Answer created = server().client().post("/api/providers", body(name, config));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
  }

  /// Creates an agent.
  ///
  /// @param members JSON members of its configuration
  void createAgent(String name, String members) {
    Answer created = server().client().post("/api/agents", body(name, "{%s}".formatted(members)));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
  }
}
