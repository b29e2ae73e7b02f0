package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What clients written for the Go original send, on a real PostgreSQL.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoClientIT {
  @RegisterExtension private final TestServer server = new TestServer();

  private TestClient client() {
    return server.client();
  }

  @Test
  void nameFilterFindsWhatContainsIt() {
    String mark = UUID.randomUUID().toString();
    for (String kind : List.of("/api/providers", "/api/agents")) {
      String ollama = "{\"name\": \"ollama\", \"base_url\": \"http://localhost:1\"}";
      String config =
          kind.endsWith("agents")
              ? "{\"provider\": %s, \"model\": {\"name\": \"m\"}}".formatted(ollama)
              : ollama;
      client().post(kind, AgentApi.body("Alpha_" + mark, config));
      client().post(kind, AgentApi.body("beta " + mark, config));

      assertThat(AgentApi.names(client().get(kind + "?name=ALPHA_" + mark.substring(0, 8))))
          .containsExactly("Alpha_" + mark);
      assertThat(AgentApi.names(client().get(kind + "?name=" + mark))).hasSize(2);
      assertThat(AgentApi.names(client().get(kind + "?name=Alph%25" + mark))).isEmpty();
      assertThat(AgentApi.names(client().get(kind + "?name=&search=" + mark))).hasSize(2);
      assertThat(AgentApi.names(client().get(kind + "?name=beta&search=" + mark))).hasSize(1);
      assertThat(
              AgentApi.names(
                  client()
                      .post(
                          kind + "/search?name=alpha",
                          "{\"page\": 1, \"page_size\": 10, \"search\": \"%s\"}".formatted(mark))))
          .containsExactly("Alpha_" + mark);
      assertThat(
              AgentApi.names(
                  client()
                      .post(
                          kind + "/search",
                          "{\"name\": \"BETA\", \"search\": \"%s\"}".formatted(mark))))
          .containsExactly("beta " + mark);
    }
  }
}
