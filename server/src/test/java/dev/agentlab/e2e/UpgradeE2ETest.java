package dev.agentlab.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.server.TestClient;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.testing.Await;
import dev.agentlab.testing.FakeUpstream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A rolling upgrade: a replica of the earlier program serves requests while this program starts on
/// the same database, which may migrate it, and afterwards.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class UpgradeE2ETest {
  private static final String TOKEN = "the token of the upstream";
  private static final int WRITERS = 4;
  private static final int WRITES = 20;

  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final FakeUpstream upstream = AuthenticatedUpstream.requiring(TOKEN);
  private final AcknowledgedWrites writes = new AcknowledgedWrites();
  private Path folder;
  private Path earlierLauncher;
  private ExternalPostgres postgres;
  private Map<String, String> environment;
  private List<WriteWorkload.Reply> repliesDuringUpgrade;
  private TestClient earlier;
  private TestClient current;

  @BeforeAll
  void upgrade(@TempDir Path temporary) throws Exception {
    folder = temporary;
    resources.push(upstream);
    earlierLauncher = EarlierProgram.launcher();
    postgres = ExternalPostgres.roomy(createFolder("postgres"));
    resources.push(postgres);
    environment = new TreeMap<>(postgres.environment());
    environment.put("SECRETS_KEY", "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=");
    Program earlierProgram = Program.serve(earlierLauncher, createFolder("earlier"), environment);
    resources.push(earlierProgram);
    earlier = earlierProgram.client();
    try (WriteWorkload writers = WriteWorkload.start(earlier, writes, WRITERS)) {
      writers.awaitMore(WRITES);
      Program currentProgram = Program.serve(createFolder("current"), environment);
      resources.push(currentProgram);
      current = currentProgram.client().as(earlier.key().orElseThrow());
      writers.awaitMore(WRITES);
      repliesDuringUpgrade = writers.stop();
    }
  }

  @AfterAll
  void stop() throws Exception {
    while (!resources.isEmpty()) {
      resources.pop().close();
    }
  }

  @Test
  void earlierReplicaLosesNoWriteDuringTheUpgrade() throws Exception {
    assertThat(repliesDuringUpgrade)
        .extracting(WriteWorkload.Reply::status)
        .containsOnly(200, 201, 204);
    writes.verify(current);
    writes.verify(earlier);
  }

  @Test
  void earlierReplicaStaysReady() {
    assertThat(earlier.get("/readyz").text()).isEqualTo("READY");
    assertThat(current.get("/readyz").text()).isEqualTo("READY");
  }

  @Test
  void earlierReplicaRunsWhatTheCurrentOneDefined() {
    String agent = define(current, "current");

    assertRuns(earlier, agent);
    changeProvider(current, "current", "wrong token");
    Await.value(502, () -> chat(earlier, agent).status());
    changeProvider(current, "current", TOKEN);
    Await.value(200, () -> chat(earlier, agent).status());
  }

  @Test
  void currentReplicaRunsWhatTheEarlierOneDefined() {
    String agent = define(earlier, "earlier");

    assertRuns(current, agent);
    changeProvider(earlier, "earlier", "wrong token");
    Await.value(502, () -> chat(current, agent).status());
    changeProvider(earlier, "earlier", TOKEN);
    Await.value(200, () -> chat(current, agent).status());
  }

  @Test
  void keyOfTheEarlierReplicaIsValidOnBothUntilRevoked() {
    assertIsValidOnBothUntilRevoked(earlier, current);
  }

  @Test
  void keyOfTheCurrentReplicaIsValidOnBothUntilRevoked() {
    assertIsValidOnBothUntilRevoked(current, earlier);
  }

  private static void assertIsValidOnBothUntilRevoked(TestClient creator, TestClient other) {
    Answer created =
        creator.post("/api/keys", "{\"name\": \"key\", \"scopes\": [\"providers:read\"]}");
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    String key = created.json().get("key").asString();
    Await.value(200, () -> other.as(key).get("/api/providers").status());

    assertThat(other.delete("/api/keys/" + id(created)).status()).isEqualTo(204);
    Await.value(401, () -> creator.as(key).get("/api/providers").status());
  }

  @Test
  void auditTrailHasTheChangesOfBoth() {
    String one = id(createProvider(earlier, "audited by the earlier"));
    String other = id(createProvider(current, "audited by the current"));

    for (TestClient replica : List.of(earlier, current)) {
      for (String id : List.of(one, other)) {
        Await.value(
            1,
            () ->
                replica.get("/api/audit?kind=provider&resource=" + id).json().get("total").asInt());
      }
      JsonNode report = replica.post("/api/audit/verify", "{}").json();
      assertThat(report.get("intact").asBoolean()).as(report.toString()).isTrue();
    }
  }

  @Test
  void totalsOfListingsAgree() {
    createProvider(earlier, "counted by the earlier");
    createProvider(current, "counted by the current");
    String page = "/api/providers?page_size=1";

    assertThat(earlier.get(page).json().get("total"))
        .isEqualTo(current.get(page).json().get("total"));
  }

  @Test
  void earlierProgramDoesNotStartOnANewerSchema() throws Exception {
    execute("UPDATE agent_lab_migrations SET version = version + 1");
    try (Program late = Program.start(earlierLauncher, createFolder("late"), environment)) {
      assertThat(late.exitCode()).isEqualTo(1);
      assertThat(late.log())
          .contains("the schema is at version", "run a newer agent-lab")
          .doesNotContain("\tat ");
      assertThat(earlier.get("/readyz").text()).isEqualTo("READY");
    } finally {
      execute("UPDATE agent_lab_migrations SET version = version - 1");
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private Path createFolder(String name) throws Exception {
    return Files.createDirectory(folder.resolve(name));
  }

  /// Creates an agent on a provider of the same name.
  ///
  /// @return the path of the agent
  private String define(TestClient replica, String name) {
    createProvider(replica, name);
    Answer agent =
        replica.post(
            "/api/agents",
            """
            {"name": "%s", "config": {"provider": "%s", "model": {"name": "any"},
             "client": {"retry": {"max_retries": 0, "backoff_multiplier": 1}}}}\
            """
                .formatted(name, name));
    assertThat(agent.status()).as(agent.text()).isEqualTo(201);
    return "/api/agents/" + id(agent);
  }

  private Answer createProvider(TestClient replica, String name) {
    Answer created = replica.post("/api/providers", provider(name, TOKEN));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created;
  }

  private void changeProvider(TestClient replica, String name, String token) {
    Answer changed = replica.put("/api/providers/" + name, provider(name, token));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
  }

  private String provider(String name, String token) {
    return """
    {"name": "%s", "config": {"name": "openai-compatible", "base_url": "%s",
     "options": {"auth_type": "bearer", "token": "%s"}}}\
    """
        .formatted(name, upstream.url("/v1"), token);
  }

  private static void assertRuns(TestClient replica, String agent) {
    Answer answer = chat(replica, agent);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().at("/choices/0/message/content").asString())
        .isEqualTo(AuthenticatedUpstream.ANSWER);
  }

  private static Answer chat(TestClient replica, String agent) {
    return replica.post(agent + "/chat", "{\"prompt\": \"Hello\"}");
  }

  private static String id(Answer created) {
    return created.json().get("id").asString();
  }
}
