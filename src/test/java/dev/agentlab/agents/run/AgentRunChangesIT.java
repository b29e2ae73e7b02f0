package dev.agentlab.agents.run;

import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Visibility of changes to runs, on two replicas that share a database: the one that makes the
/// changes, and another.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentRunChangesIT {
  private static final Duration BOUND = Duration.ofSeconds(1);

  private final DatabaseSettings database = TestPostgres.migratedDatabase();
  private final TestServer here = new TestServer(database);
  private final TestServer elsewhere = new TestServer(database);
  private final AgentApi api = new AgentApi(here);

  @BeforeAll
  void start() {
    here.start();
    elsewhere.start();
  }

  @AfterAll
  void stop() {
    here.stop();
    elsewhere.stop();
  }

  @Test
  void replacedAgentRunsAsItIsNow() {
    String agent = api.made(saying("one")).header("Location");
    assertSays("one", agent, elsewhere);
    for (int i = 0; i < 20; i++) {
      String reply = "words " + i;
      put(agent, saying(reply));
      assertSays(reply, agent, here);
    }
    awaitAfterChange(agent, answer -> says("words 19", answer));
  }

  @Test
  void restoredAgentRunsAsItWas() {
    String agent = api.made(saying("one")).header("Location");
    put(agent, saying("two"));
    assertSays("two", agent, here);
    assertSays("two", agent, elsewhere);
    assertThat(api.client().post(agent + "/revisions/1/restore", "").status()).isEqualTo(200);
    assertSays("one", agent, here);
    awaitAfterChange(
        agent, answer -> says("one", answer) && answer.header("Agent-Lab-Revision").equals("3"));
  }

  @Test
  void replacedProviderIsCalledAsItIsNow() {
    String provider = provider(unique("before"), "one");
    String agent = api.made(AgentApi.following(provider)).header("Location");
    assertSays("one", agent, here);
    assertSays("one", agent, elsewhere);
    String name = unique("after");
    Answer changed = api.client().put("/api/providers/" + provider, body(name, simulated("two")));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
    assertSays("two", agent, here);
    assertThat(run(agent, here).header("Agent-Lab-Provider")).isEqualTo(name);
    awaitAfterChange(
        agent, answer -> says("two", answer) && answer.header("Agent-Lab-Provider").equals(name));
  }

  @Test
  void mendedProviderIsCalledAtOnce() {
    String failing = "{\"name\": \"simulated\", \"options\": {\"error_rate\": 1}}";
    String name = unique("failing");
    Answer created = api.client().post("/api/providers", body(name, failing));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    String agent = api.made(AgentApi.following(id(created))).header("Location");
    for (int i = 0; i < 10; i++) {
      assertThat(run(agent, here).status()).isEqualTo(502);
    }
    assertThat(run(agent, here).status()).as("suspended").isEqualTo(503);

    Answer repaired =
        api.client().put("/api/providers/" + id(created), body(name, simulated("well")));
    assertThat(repaired.status()).as(repaired.text()).isEqualTo(200);
    assertSays("well", agent, here);
  }

  @Test
  void deletedAgentIsNotRun() {
    String agent = api.made(saying("one")).header("Location");
    assertSays("one", agent, here);
    assertSays("one", agent, elsewhere);
    assertThat(api.client().delete(agent).status()).isEqualTo(204);
    assertThat(run(agent, here).status()).isEqualTo(404);
    awaitAfterChange(agent, answer -> answer.status() == 404);
  }

  @Test
  void agentWhoseFormerProviderIsDeletedRunsOnAndItsRevisionDoesNot() {
    String provider = provider(unique("passing"), "one");
    String agent = api.made(AgentApi.following(provider)).header("Location");
    assertSays("one", agent, here);
    assertSays("one", agent, elsewhere);
    put(agent, saying("two"));
    assertThat(api.client().delete("/api/providers/" + provider).status()).isEqualTo(204);
    assertSays("two", agent, here);
    assertThat(run(agent, elsewhere).status()).isEqualTo(200);
    awaitAfterChange(agent, answer -> says("two", answer));

    Answer rejected = here.client().post(agent + "/chat?revision=1", "{\"prompt\": \"Hi\"}");
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/provider-gone");
    assertThat(rejected.json().get("error").asString()).contains("revision 1", provider);
  }

  @Test
  void providerInsertedAgainByHandIsCalledAtOnce() {
    String provider = provider(unique("passing"), "one");
    String agent = api.made(AgentApi.following(provider)).header("Location");
    put(agent, saying("two"));
    assertThat(api.client().delete("/api/providers/" + provider).status()).isEqualTo(204);
    String former = agent + "/chat?revision=1";
    assertThat(here.client().post(former, "{\"prompt\": \"Hi\"}").status()).isEqualTo(409);

    here.execute(
        "INSERT INTO providers (id, name, config) VALUES ('%s', '%s', '%s')"
            .formatted(provider, unique("again"), simulated("three")));
    assertThat(says("three", here.client().post(former, "{\"prompt\": \"Hi\"}"))).isTrue();
  }

  @Test
  void runsOfWhatIsRememberedTakeNoConnectionToTheDatabase() {
    String agent = api.made(AgentApi.following(provider(unique("idle"), "one"))).header("Location");
    // Repeated, because runs bypass the cache while a heartbeat of the change feed is late on a
    // busy machine.
    while (true) {
      assertSays("one", agent, here);
      double before = connectionsUsed();
      for (int i = 0; i < 10; i++) {
        assertSays("one", agent, here);
      }
      if (connectionsUsed() == before) {
        return;
      }
    }
  }

  private double connectionsUsed() {
    return here.client()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("hikaricp_connections_usage_seconds_count"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static String simulated(String reply) {
    return """
    {"name": "simulated", "options": {"reply": "%s", "time_per_token": "0"}}\
    """
        .formatted(reply);
  }

  private static String saying(String reply) {
    return AgentApi.config(simulated(reply), "");
  }

  private String provider(String name, String reply) {
    Answer created = api.client().post("/api/providers", body(name, simulated(reply)));
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return id(created);
  }

  private void put(String agent, String config) {
    Answer answer = api.client().put(agent, body(unique("agent"), config));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  private static Answer run(String agent, TestServer replica) {
    return replica.client().post(agent + "/chat", "{\"prompt\": \"Hi\"}");
  }

  private static void assertSays(String reply, String agent, TestServer replica) {
    Answer answer = run(agent, replica);
    assertThat(says(reply, answer)).as(answer.text()).isTrue();
  }

  private static boolean says(String reply, Answer answer) {
    return answer.status() == 200
        && answer.json().at("/choices/0/message/content").asString().equals(reply);
  }

  /// Runs an agent on the other replica until the change just made shows. Every run that starts a
  /// second after the change must show it.
  private void awaitAfterChange(String agent, Predicate<Answer> shows) {
    long changed = System.nanoTime();
    boolean shown = false;
    while (!shown) {
      boolean due = System.nanoTime() - changed > BOUND.toNanos();
      Answer answer = run(agent, elsewhere);
      shown = shows.test(answer);
      assertThat(shown || !due).as(answer.text()).isTrue();
    }
  }
}
