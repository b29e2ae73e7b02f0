package dev.agentlab.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.List;

/// A test client for model routes, and for the providers and agents that they call.
record RouteApi(TestServer server) {
  static final String PATH = "/api/routes";

  AgentApi agents() {
    return new AgentApi(server);
  }

  TestClient client() {
    return server.client();
  }

  /// A target with a model of a provider.
  ///
  /// @param more additional members, each preceded by a comma
  static String target(String provider, String model, String more) {
    return "{\"provider\": \"%s\", \"model\": \"%s\"%s}".formatted(provider, model, more);
  }

  static String agentTarget(String agent) {
    return "{\"agent\": \"%s\"}".formatted(agent);
  }

  /// A configuration with these targets.
  static String config(String... targets) {
    return "{\"targets\": [%s]}".formatted(String.join(", ", targets));
  }

  Answer create(String name, String config, String... headers) {
    return client().post(PATH, AgentApi.body(name, config), headers);
  }

  /// Creates a route and requires success.
  Answer createRoute(String config) {
    return createRoute(AgentApi.uniqueName("route"), config);
  }

  Answer createRoute(String name, String config) {
    Answer created = create(name, config);
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created;
  }

  /// Creates a provider with a random name, and returns the name.
  String createProvider() {
    String name = AgentApi.uniqueName("provider");
    agents().createProvider(name);
    return name;
  }

  Answer put(String path, String name, String config, String... headers) {
    return client().put(path, AgentApi.body(name, config), headers);
  }

  String createKey(String scope) {
    Answer created =
        client().post("/api/keys", "{\"name\": \"a key\", \"scopes\": [\"%s\"]}".formatted(scope));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json().get("key").asString();
  }

  static List<String> fields(Answer rejected) {
    return rejected
        .json()
        .path("errors")
        .valueStream()
        .map(error -> error.get("field").asString())
        .toList();
  }

  static List<String> warnings(Answer answer) {
    return answer.json().path("warnings").valueStream().map(warning -> warning.asString()).toList();
  }
}
