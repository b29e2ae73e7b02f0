package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The service with the heap that the launcher configures, and more large rows than fit in it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LargeRowsE2ETest {
  private ExternalPostgres postgres;
  private Program service;
  private TestClient client;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    postgres = ExternalPostgres.roomy(folder.resolve("postgres"));
    // Creates the tables.
    try (Program first = Program.serve(folder, postgres.environment())) {
      assertThat(first.stop()).isZero();
    }
    insertLargeRows();
    service = Program.serve(folder, postgres.environment());
    client = service.client();
  }

  private void insertLargeRows() throws SQLException {
    execute(
        """
        INSERT INTO providers (name, config)
        SELECT 'text ' || i, jsonb_build_object('name', 'ollama', 'base_url', 'http://localhost:9',
          'options', jsonb_build_object('note', repeat('x', 1000000))) FROM generate_series(1, 240) i
        """);
    execute(
        """
        INSERT INTO providers (name, config)
        SELECT 'numbers ' || i, format('{"name": "ollama", "options": {"n": [1%s]}}',
          repeat(',1', 100000))::jsonb FROM generate_series(1, 25) i
        """);
    execute(
        """
        INSERT INTO agents (name, config)
        SELECT 'text ' || i, jsonb_build_object('system_prompt', repeat('x', 1000000),
          'provider', '{"name": "ollama"}'::jsonb, 'model', '{"name": "m"}'::jsonb)
        FROM generate_series(1, 100) i
        """);
    execute(
        """
        INSERT INTO agent_revisions (agent_id, revision, name, config, created_at)
        SELECT (SELECT id FROM agents WHERE name = 'text 1'), i, 'text', config, now()
        FROM generate_series(1, 100) i, (SELECT config FROM agents WHERE name = 'text 1') AS one
        """);
    execute(
        """
        INSERT INTO audit (seq, at, caller_kind, caller_id, caller_name, action, kind, resource_id,
          resource_name, before, after, previous_hash, hash)
        SELECT 1000 + i, now(), 'key', 'id', 'name', 'provider.replaced', 'provider', 'id', 'name',
          state, state, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex')
        FROM generate_series(1, 100) i, (SELECT config FROM providers WHERE name = 'text 1') AS o(state)
        """);
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @AfterAll
  void stop() throws Exception {
    service.close();
    postgres.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/providers?search=text",
        "/api/providers?search=numbers",
        "/api/agents?search=text",
        "/api/audit?kind=provider",
        "/api/audit?from=2020-01-01T00:00:00Z"
      })
  void tooLargePageIsRejectedWithAHintToReduceIt(String listing) {
    Answer answer = client.get(listing + "&page_size=20");
    assertThat(answer.status()).as(listing).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("page_size");
    assertThat(answer.json().at("/errors/0/message").asString())
        .contains("use a smaller page_size");
    assertThat(service.isAlive()).isTrue();
  }

  @Test
  void tooLargePageOfRevisionsIsRejected() {
    String id =
        client
            .get("/api/agents?search=text%201&sort=name&page_size=1")
            .json()
            .at("/data/0/id")
            .asString();
    String path = "/api/agents/%s/revisions".formatted(id);
    Answer answer = client.get(path + "?page_size=20");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("page_size");
    assertThat(client.get(path + "?page_size=3").json().get("data")).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/providers?search=text, 5",
    "/api/providers?search=numbers, 2",
    "/api/agents?search=text, 5",
    "/api/audit?kind=provider, 3",
    "/api/audit?from=2020-01-01T00:00:00Z, 1"
  })
  void smallerPageIsReturned(String listing, int size) {
    Answer answer = client.get(listing + "&page_size=" + size);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("data")).hasSize(size);
  }

  @Test
  void pagePastTheEndIsEmpty() {
    Answer answer = client.get("/api/providers?page=1000");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("data")).isEmpty();
  }
}
