package dev.agentlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestServer;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// agent-lab with a provider for each [Target] and an agent for each of them and each client.
final class ConformanceServer implements BeforeAllCallback, AfterAllCallback {
  private final TestServer server = new TestServer();
  private final MockVendors vendors = new MockVendors();
  private String narrowKey = "";

  /// Runs scenarios with a client.
  @FunctionalInterface
  interface Program {
    /// Returns for each scenario `{"scenario", "observed"}` or `{"scenario", "crash"}`.
    List<JsonNode> run(Settings settings, List<String> scenarios) throws IOException;
  }

  /// What a program needs.
  ///
  /// @param url the base URL of the API, as its clients want it
  /// @param narrowKey a key that may use none of the models
  /// @param model the name of the model, with `{scenario}` in it
  /// @param listedModel a model that is in the list
  /// @param agent the name of the agent
  /// @param control the URL of the mock
  record Settings(
      URI url,
      String key,
      String narrowKey,
      String model,
      String listedModel,
      String agent,
      URI control) {
    String model(String scenario) {
      return model.replace("{scenario}", scenario);
    }

    /// The variables of the environment of a program in a process of its own.
    Map<String, String> environment() {
      return Map.of(
          "CONFORMANCE_URL", url.toString(),
          "CONFORMANCE_KEY", key,
          "CONFORMANCE_NARROW_KEY", narrowKey,
          "CONFORMANCE_MODEL", model,
          "CONFORMANCE_LISTED_MODEL", listedModel,
          "CONFORMANCE_AGENT", agent,
          "CONFORMANCE_CONTROL", control.toString(),
          "CONFORMANCE_IMAGE", "data:image/png;base64," + Scenario.IMAGE,
          "CONFORMANCE_DOCUMENT", AnthropicScenarios.DOCUMENT);
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    server.start();
    TestClient client = TestClient.of(server.url()).as(server.adminKey());
    TestClient.Answer key =
        client.post(
            "/api/keys", "{\"name\": \"narrow\", \"scopes\": [\"invoke:model/openai/other\"]}");
    assertThat(key.status()).as(key.text()).isEqualTo(201);
    narrowKey = key.json().path("key").asString();
    for (Target target : Target.values()) {
      if (!target.isDirect()) {
        create(client, "/api/providers", target.toString(), target.config(vendors));
        for (Client sdk : Client.values()) {
          create(client, "/api/agents", target.agent(sdk.toString()), agent(target, sdk));
        }
      }
    }
  }

  private static String agent(Target target, Client client) {
    return """
    {"provider": "%s", "system_prompt": "%s",
     "model": {"name": "%s", "capabilities": {"chat": {}}}}
    """
        .formatted(target, Scenario.SYSTEM_PROMPT, target.model(client.toString(), "agent"));
  }

  /// Creates a provider or an agent.
  static void create(TestClient client, String path, String name, String config) {
    TestClient.Answer created =
        client.post(path, "{\"name\": \"%s\", \"config\": %s}".formatted(name, config));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    server.stop();
    vendors.close();
  }

  /// Runs the scenarios of a client on a target, each as a test.
  Stream<DynamicTest> tests(Client client, Target target, Program program) {
    List<Scenario> scenarios =
        client.scenarios().stream().filter(it -> it.runs(client, target)).toList();
    Map<String, JsonNode> results = new HashMap<>();
    String label = client + " · " + target;
    return Stream.concat(
        Stream.of(
            dynamicTest(
                label + " · program",
                () ->
                    program
                        .run(
                            settings(client, target),
                            scenarios.stream().map(Scenario::name).toList())
                        .forEach(it -> results.put(it.path("scenario").asString(""), it)))),
        scenarios.stream()
            .map(it ->
                dynamicTest(
                    label + " · " + it.name().replace('-', ' '),
                    () ->
                        check(
                            it,
                            client,
                            target,
                            results.getOrDefault(it.name(), MissingNode.getInstance())))));
  }

  /// The variables of the environment of a program with several clients: the URL of the service,
  /// and a key for all models.
  Map<String, String> environment() {
    return Map.of(
        "CONFORMANCE_URL", server.url().toString(),
        "CONFORMANCE_KEY", server.adminKey());
  }

  /// The calls that a vendor received from a client in a scenario; all are sent by agent-lab.
  List<MockVendors.Call> calls(Client client, Target target, String scenario) {
    List<MockVendors.Call> calls = vendors.calls(target.model(client.toString(), scenario));
    if (!target.isDirect()) {
      calls.forEach(this::assertSentByAgentLab);
    }
    return calls;
  }

  private void check(Scenario scenario, Client client, Target target, JsonNode result) {
    assertThat(result).as("the program ran %s", scenario.name()).isNotEmpty();
    assertThat(result.path("crash").asString("")).as("crash").isEmpty();
    List<MockVendors.Call> calls = calls(client, target, scenario.name());
    scenario
        .check()
        .accept(new Observation(client, target, scenario.name(), result.get("observed"), calls));
  }

  /// The vendor receives the key of the provider, and never that of the client.
  private void assertSentByAgentLab(MockVendors.Call call) {
    assertThat(call.request().head())
        .anyMatch(field -> field.contains(MockVendors.KEY))
        .noneMatch(field -> field.contains(server.adminKey()));
  }

  private Settings settings(Client client, Target target) {
    // The other vendors' clients add the version themselves.
    String path = client.vendor().equals("openai") ? "/v1" : "";
    return new Settings(
        target.isDirect() ? target.baseUrl(vendors) : server.url().resolve(path),
        target.isDirect() ? MockVendors.KEY : server.adminKey(),
        narrowKey,
        target.modelOfClient(client.toString(), "{scenario}"),
        target.listedModel(),
        target.agent(client.toString()),
        vendors.url(""));
  }

  /// Reads what a program printed.
  static List<JsonNode> parse(String output) {
    return Arrays.stream(output.split("\n"))
        .filter(line -> line.startsWith("{\"scenario\""))
        .map(Json.MAPPER::readTree)
        .toList();
  }
}
