package dev.agentlab.agents;

import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.jsonschema.HostileSchemas.SLOW_SCHEMA;
import static dev.agentlab.jsonschema.HostileSchemas.SLOW_TEXT;
import static dev.agentlab.jsonschema.HostileSchemas.TEXT;
import static dev.agentlab.jsonschema.HostileSchemas.doubling;
import static dev.agentlab.jsonschema.HostileSchemas.nested;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.http.RawHttpConnection;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Schemas that callers send to overload the service.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileSchemasIT {
  private static final String BACKTRACKING = pattern("(.*a){20}b");
  private static final int CALLERS = 8;

  private final TestServer server = new TestServer();
  private final AgentApi api = new AgentApi(server);

  @BeforeAll
  void start() {
    server.start();
  }

  @AfterAll
  void stop() {
    server.stop();
  }

  @AfterEach
  void awaitEndOfEvaluation() throws InterruptedException {
    while (isEvaluating()) {
      Thread.sleep(20);
    }
  }

  static Stream<Arguments> schemas() {
    String unchecked = "/problems/answer-unchecked";
    String invalid = "/problems/invalid-request";
    String wrong = "/problems/answer-invalid";
    return Stream.of(
        Arguments.of(TEXT, BACKTRACKING, 502, wrong),
        Arguments.of(TEXT, pattern("^((a|aa)+)+\\1z"), 400, invalid),
        Arguments.of(TEXT, pattern("^(([a-z])+.)+[A-Z]([a-z])+$"), 502, wrong),
        Arguments.of(
            "{%s: 1}".formatted(TEXT),
            "{\"propertyNames\": %s}".formatted(BACKTRACKING),
            502,
            wrong),
        Arguments.of(
            nested(60),
            doubling("{\"patternProperties\": {\"a\": %1$s, \"a*\": %1$s}}", "{}"),
            422,
            unchecked),
        Arguments.of(SLOW_TEXT, SLOW_SCHEMA, 422, unchecked),
        Arguments.of("1", doubling("{\"allOf\": [%1$s, %1$s]}", "{}"), 400, invalid),
        Arguments.of("1", doubling("{\"anyOf\": [%1$s, %1$s]}", "false"), 400, invalid),
        Arguments.of("1", doubling("{\"oneOf\": [%1$s, %1$s]}", "{}"), 400, invalid),
        Arguments.of(
            "1", doubling("{\"if\": %1$s, \"then\": %1$s, \"else\": %1$s}", "{}"), 400, invalid),
        Arguments.of("1", "{\"$ref\": \"#\"}", 400, invalid),
        Arguments.of("1", "{\"not\":".repeat(89) + "{}" + "}".repeat(89), 502, wrong));
  }

  /// Concurrently, with more callers than evaluation threads.
  @ParameterizedTest
  @MethodSource("schemas")
  void expensiveSchemasDoNotBlockService(String reply, String schema, int status, String type) {
    String agent = createAgent(reply);
    List<CompletableFuture<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      calls.add(
          CompletableFuture.supplyAsync(() -> chat(agent, schema), Thread::startVirtualThread));
    }

    assertThat(api.client().get("/readyz").status()).isEqualTo(200);
    assertThat(api.client().get("/api/agents/" + agent).status()).isEqualTo(200);
    for (CompletableFuture<Answer> call : calls) {
      Answer answer = call.join();
      assertThat(answer.status()).as(answer.text()).isEqualTo(status);
      assertThat(answer.json().get("type").stringValue()).isEqualTo(type);
      assertThat(answer.text()).contains("json_schema");
    }
  }

  @Test
  void clientDisconnectCancelsSchemaValidation() throws Exception {
    String agent = createAgent(SLOW_TEXT);
    try (RawHttpConnection wire = new RawHttpConnection(server.client().base().getPort())) {
      wire.send(
          "POST /api/agents/%s/chat HTTP/1.1\r\nContent-Type: application/json\r\nX-Api-Key: %s"
              .formatted(agent, server.adminKey()),
          body(SLOW_SCHEMA));
      while (!isEvaluating()) {
        Thread.sleep(5);
      }
      wire.socket().close();
    }
  }

  private static boolean isEvaluating() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().startsWith("schema-validator-"))
        .flatMap(thread -> Stream.of(thread.getValue()))
        .anyMatch(frame -> frame.getClassName().startsWith("com.networknt."));
  }

  private String createAgent(String reply) {
    Answer created =
        api.create(
            uniqueName("agent"),
            "{\"provider\": {\"name\": \"simulated\", \"options\": {\"reply\": %s}}, \"model\": {\"name\": \"m\"}}"
                .formatted(Json.MAPPER.writeValueAsString(reply)));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return id(created);
  }

  private Answer chat(String agent, String schema) {
    TestClient client = api.client();
    return client.post("/api/agents/%s/chat".formatted(agent), body(schema));
  }

  private static String body(String schema) {
    return "{\"prompt\": \"x\", \"json_schema\": %s}".formatted(schema);
  }

  private static String pattern(String regex) {
    return Json.MAPPER.createObjectNode().put("pattern", regex).toString();
  }
}
