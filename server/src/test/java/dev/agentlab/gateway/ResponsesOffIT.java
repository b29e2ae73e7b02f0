package dev.agentlab.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.TestPostgres;
import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A service that keeps no responses.
class ResponsesOffIT {
  private final TestServer server;

  ResponsesOffIT(@TempDir Path dataDir) {
    server =
        new TestServer(
            TestPostgres.migratedDatabase(), dataDir, Map.of("RESPONSES_RETENTION", "0"));
  }

  @BeforeEach
  void start() {
    server.start();
    Answer created =
        server
            .client()
            .post(
                "/api/providers", "{\"name\": \"try\", \"config\": {\"name\": \"simulated\"}}");
    assertThat(created.status()).as(created.text()).isEqualTo(201);
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private Answer create(String members) {
    return TestClient.of(server.client().base())
        .as(server.adminKey())
        .post("/v1/responses", "{\"model\": \"try/simulated\", \"input\": \"Hi\"%s}".formatted(members));
  }

  @Test
  void clientMustNotAskForIt() {
    Answer answer = create("");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/error/param").asString()).isEqualTo("store");
    assertThat(answer.json().at("/error/message").asString()).contains("store: must be false");

    Answer notStored = create(", \"store\": false");
    assertThat(notStored.status()).as(notStored.text()).isEqualTo(200);
    assertThat(notStored.json().at("/output/0/type").asString()).isEqualTo("message");
    String id = notStored.json().path("id").asString();
    assertThat(create(", \"store\": false, \"previous_response_id\": \"%s\"".formatted(id)).status())
        .isEqualTo(404);
  }
}
