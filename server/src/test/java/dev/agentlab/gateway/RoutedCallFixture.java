package dev.agentlab.gateway;

import static dev.agentlab.agents.AgentApi.body;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.FakeUpstream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// Two providers with upstreams that a test scripts, as the targets of routes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RoutedCallFixture {
  static final String COMPLETION =
      """
      {"id": "c", "object": "chat.completion", "model": "m", "choices": [{"index": 0, "message":
       {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
       "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}
      """;

  static final FakeUpstream.Script WORKING = answer(FakeUpstream.json(COMPLETION));
  static final FakeUpstream.Script FAILING =
      answer(
          FakeUpstream.response(
              "500 No", "application/json", "{\"error\":{\"message\":\"down\"}}"));

  @RegisterExtension final GatewayFixture gateway = new GatewayFixture();

  private final List<FakeUpstream> started = new ArrayList<>();
  FakeUpstream first = FakeUpstream.start("");
  FakeUpstream second = FakeUpstream.start("");

  /// The names of the providers of the upstreams, new for each test because of their breakers.
  String one = "";

  String two = "";

  @BeforeAll
  void registerAnthropic() {
    gateway.registerProvider("claude", "anthropic", "");
  }

  @BeforeEach
  void nameProviders() {
    one = "one-" + UUID.randomUUID();
    two = "two-" + UUID.randomUUID();
  }

  @AfterEach
  void stopUpstreams() throws Exception {
    for (FakeUpstream upstream : started) {
      upstream.close();
    }
  }

  /// Registers the two providers.
  void respond(FakeUpstream.Script toFirst, FakeUpstream.Script toSecond) {
    first = FakeUpstream.start(toFirst);
    second = FakeUpstream.start(toSecond);
    started.addAll(List.of(first, second));
    gateway.registerProvider(one, first);
    gateway.registerProvider(two, second);
  }

  /// A script that sends a response and closes the connection.
  static FakeUpstream.Script answer(String response) {
    return (_, out) -> {
      out.write(response.getBytes(StandardCharsets.UTF_8));
      out.close();
    };
  }

  static String target(String provider, int priority) {
    return "{\"provider\": \"%s\", \"model\": \"m\", \"priority\": %d}"
        .formatted(provider, priority);
  }

  /// Creates a route and returns its name.
  String route(String... targets) {
    return routeWith("", targets);
  }

  /// Creates a route and returns its name.
  ///
  /// @param config members of the configuration beside the targets, each after a comma
  String routeWith(String config, String... targets) {
    String name = "route-" + UUID.randomUUID();
    Answer created =
        gateway
            .server()
            .client()
            .post(
                "/api/routes",
                body(name, "{\"targets\": [%s]%s}".formatted(String.join(", ", targets), config)));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return name;
  }

  /// Asks where a route would send a request.
  ///
  /// @param headers a JSON object
  JsonNode explain(String route, String dialect, String headers, String body) {
    Answer answer =
        gateway
            .server()
            .client()
            .post(
                "/api/routes/%s/explain".formatted(route),
                "{\"dialect\": \"%s\", \"headers\": %s, \"body\": %s}"
                    .formatted(dialect, headers, body));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }
}
