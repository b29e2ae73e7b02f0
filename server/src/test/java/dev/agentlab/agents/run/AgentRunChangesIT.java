package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Visibility of changes to runs, on two replicas that share a database: the one that makes the
/// changes, and another.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentRunChangesIT {
  private static final Duration MAX_DELAY = Duration.ofSeconds(1);

  private final DatabaseSettings database = TestPostgres.migratedDatabase();
  @RegisterExtension private final TestServer replica = new TestServer(database);
  @RegisterExtension private final TestServer otherReplica = new TestServer(database);
  private final AgentApi api = new AgentApi(replica);

  @Test
  void replacedAgentRunsWithNewConfig() {
    String agent = api.createAgent(agentConfig("one")).header("Location");
    assertReply("one", agent, otherReplica);
    for (int i = 0; i < 20; i++) {
      String reply = "words " + i;
      put(agent, agentConfig(reply));
      assertReply(reply, agent, replica);
    }
    awaitAfterChange(agent, answer -> hasReply("words 19", answer));
  }

  @Test
  void restoredAgentRunsWithOldConfig() {
    String agent = api.createAgent(agentConfig("one")).header("Location");
    put(agent, agentConfig("two"));
    assertReply("two", agent, replica);
    assertReply("two", agent, otherReplica);
    assertThat(api.client().post(agent + "/revisions/1/restore", "").status()).isEqualTo(200);
    assertReply("one", agent, replica);
    awaitAfterChange(
        agent,
        answer -> hasReply("one", answer) && answer.header("Agent-Lab-Revision").equals("3"));
  }

  @Test
  void replacedProviderIsCalledWithNewConfig() {
    String provider = createProvider(uniqueName("before"), "one");
    String agent = api.createAgent(AgentApi.registeredConfig(provider)).header("Location");
    assertReply("one", agent, replica);
    assertReply("one", agent, otherReplica);
    String name = uniqueName("after");
    Answer changed =
        api.client().put("/api/providers/" + provider, body(name, simulatedConfig("two")));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
    assertReply("two", agent, replica);
    assertThat(run(agent, replica).header("Agent-Lab-Provider")).isEqualTo(name);
    awaitAfterChange(
        agent,
        answer -> hasReply("two", answer) && answer.header("Agent-Lab-Provider").equals(name));
  }

  @Test
  void repairedProviderIsCalledImmediately() {
    String failing = "{\"name\": \"simulated\", \"options\": {\"error_rate\": 1}}";
    String name = uniqueName("failing");
    Answer created = api.client().post("/api/providers", body(name, failing));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    String agent = api.createAgent(AgentApi.registeredConfig(id(created))).header("Location");
    for (int i = 0; i < 10; i++) {
      assertThat(run(agent, replica).status()).isEqualTo(502);
    }
    assertThat(run(agent, replica).status()).as("suspended").isEqualTo(503);

    Answer repaired =
        api.client().put("/api/providers/" + id(created), body(name, simulatedConfig("well")));
    assertThat(repaired.status()).as(repaired.text()).isEqualTo(200);
    assertReply("well", agent, replica);
  }

  @Test
  void deletedAgentIsNotFound() {
    String agent = api.createAgent(agentConfig("one")).header("Location");
    assertReply("one", agent, replica);
    assertReply("one", agent, otherReplica);
    assertThat(api.client().delete(agent).status()).isEqualTo(204);
    assertThat(run(agent, replica).status()).isEqualTo(404);
    awaitAfterChange(agent, answer -> answer.status() == 404);
  }

  @Test
  void deletedFormerProviderBreaksOnlyOldRevision() {
    String provider = createProvider(uniqueName("passing"), "one");
    String agent = api.createAgent(AgentApi.registeredConfig(provider)).header("Location");
    assertReply("one", agent, replica);
    assertReply("one", agent, otherReplica);
    put(agent, agentConfig("two"));
    assertThat(api.client().delete("/api/providers/" + provider).status()).isEqualTo(204);
    assertReply("two", agent, replica);
    assertThat(run(agent, otherReplica).status()).isEqualTo(200);
    awaitAfterChange(agent, answer -> hasReply("two", answer));

    Answer rejected = replica.client().post(agent + "/chat?revision=1", "{\"prompt\": \"Hi\"}");
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/provider-gone");
    assertThat(rejected.json().get("error").asString()).contains("revision 1", provider);
  }

  @Test
  void reinsertedProviderIsCalledImmediately() {
    String provider = createProvider(uniqueName("passing"), "one");
    String agent = api.createAgent(AgentApi.registeredConfig(provider)).header("Location");
    put(agent, agentConfig("two"));
    assertThat(api.client().delete("/api/providers/" + provider).status()).isEqualTo(204);
    String former = agent + "/chat?revision=1";
    assertThat(replica.client().post(former, "{\"prompt\": \"Hi\"}").status()).isEqualTo(409);

    replica.execute(
        "INSERT INTO providers (id, name, config) VALUES ('%s', '%s', '%s')"
            .formatted(provider, uniqueName("again"), simulatedConfig("three")));
    assertThat(hasReply("three", replica.client().post(former, "{\"prompt\": \"Hi\"}"))).isTrue();
  }

  @Test
  void cachedRunsUseNoDatabaseConnection() {
    String agent =
        api.createAgent(AgentApi.registeredConfig(createProvider(uniqueName("idle"), "one")))
            .header("Location");
    // Repeated, because runs bypass the cache while a heartbeat of the change feed is late on a
    // busy machine.
    while (true) {
      assertReply("one", agent, replica);
      double before = connectionsUsed();
      for (int i = 0; i < 10; i++) {
        assertReply("one", agent, replica);
      }
      if (connectionsUsed() == before) {
        return;
      }
    }
  }

  private double connectionsUsed() {
    return replica
        .client()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("hikaricp_connections_usage_seconds_count"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static String simulatedConfig(String reply) {
    return """
    {"name": "simulated", "options": {"reply": "%s", "time_per_token": "0"}}\
    """
        .formatted(reply);
  }

  private static String agentConfig(String reply) {
    return AgentApi.config(simulatedConfig(reply), "");
  }

  private String createProvider(String name, String reply) {
    Answer created = api.client().post("/api/providers", body(name, simulatedConfig(reply)));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return id(created);
  }

  private void put(String agent, String config) {
    Answer answer = api.client().put(agent, body(uniqueName("agent"), config));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  private static Answer run(String agent, TestServer replica) {
    return replica.client().post(agent + "/chat", "{\"prompt\": \"Hi\"}");
  }

  private static void assertReply(String reply, String agent, TestServer replica) {
    Answer answer = run(agent, replica);
    assertThat(hasReply(reply, answer)).as(answer.text()).isTrue();
  }

  private static boolean hasReply(String reply, Answer answer) {
    return answer.status() == 200
        && answer.json().at("/choices/0/message/content").asString().equals(reply);
  }

  /// Runs an agent on the other replica until the last change is visible. It must be visible to
  /// every run that starts a second after the change.
  private void awaitAfterChange(String agent, Predicate<Answer> shows) {
    long changed = System.nanoTime();
    boolean shown = false;
    while (!shown) {
      boolean due = System.nanoTime() - changed > MAX_DELAY.toNanos();
      Answer answer = run(agent, otherReplica);
      shown = shows.test(answer);
      assertThat(shown || !due).as(answer.text()).isTrue();
    }
  }
}
