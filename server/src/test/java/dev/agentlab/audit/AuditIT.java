package dev.agentlab.audit;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.database.UniqueViolationException;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// The audit events of API requests, as the API returns them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuditIT {
  private static final String OLLAMA =
      """
      {"name": "ollama", "base_url": "http://localhost:11434", "options": {}}\
      """;
  private static final String FIRST_SECRET = "canary-first-12345678";
  private static final String SECOND_SECRET = "canary-other-87654321";

  private final DatabaseSettings settings = TestPostgres.migratedDatabase();
  private final TestServer server = new TestServer(settings);
  private final Database database = TestPostgres.start(settings);

  @BeforeAll
  void start() {
    server.start();
  }

  @AfterAll
  void stop() throws Exception {
    server.stop();
    database.stop(Duration.ofSeconds(5));
  }

  private static String body(String name, String config) {
    return "{\"name\": \"%s\", \"config\": %s}".formatted(name, config);
  }

  private static String azure(String token) {
    return """
    {"name": "azure", "base_url": "https://team.openai.azure.com/openai", "options": {
      "deployment": "gpt-4o", "auth_type": "api_key", "token": "%s", "x-password": ["%s"],
      "api_version": "2024-10-21"}}\
    """
        .formatted(token, token);
  }

  private static String agent(String provider, String prompt) {
    return """
    {"system_prompt": "%s", "provider": %s, "model": {"name": "m"}}\
    """
        .formatted(prompt, provider);
  }

  private static String unique(String prefix) {
    return prefix + " " + UUID.randomUUID();
  }

  private String create(String path, String name, String config, String... headers) {
    Answer created = server.client().post(path, body(name, config), headers);
    assertThat(created.status()).as(created.text()).isEqualTo(201);
    return created.json().get("id").asString();
  }

  private void put(String path, String name, String config) {
    Answer changed = server.client().put(path, body(name, config));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
  }

  private List<JsonNode> events(String id) {
    Answer page = server.client().get("/api/audit?page_size=100&resource=" + id);
    assertThat(page.status()).as(page.text()).isEqualTo(200);
    List<JsonNode> events = page.json().get("data").valueStream().toList();
    assertThat(AuditActions.ALL).containsAll(actions(events));
    return events;
  }

  private static List<String> actions(List<JsonNode> events) {
    return events.stream().map(event -> event.get("action").asString()).toList();
  }

  private long total() {
    return server.client().get("/api/audit").json().get("total").asLong();
  }

  private void execute(String sql) {
    database.write(connection -> {
      try (Statement statement = connection.createStatement()) {
        return statement.execute(sql);
      }
    });
  }

  @Test
  void everyProviderChangeIsRecorded() {
    String name = unique("p");
    String id = create("/api/providers", name, azure(FIRST_SECRET));
    put("/api/providers/" + id, name + "!", azure(SECOND_SECRET));
    put("/api/providers/" + id, name, azure(FIRST_SECRET));
    assertThat(server.client().delete("/api/providers/" + id).status()).isEqualTo(204);

    List<JsonNode> events = events(id);
    assertThat(actions(events))
        .containsExactly(
            "provider.deleted", "provider.replaced", "provider.replaced", "provider.created");
    JsonNode created = events.getLast();
    assertThat(created.has("before")).isFalse();
    assertThat(created.get("kind").asString()).isEqualTo("provider");
    assertThat(created.get("resource_name").asString()).isEqualTo(name);
    assertThat(created.at("/after/config/options/deployment").asString()).isEqualTo("gpt-4o");
    JsonNode renamed = events.get(2);
    assertThat(renamed.get("before")).isEqualTo(created.get("after"));
    assertThat(renamed.at("/after/name").asString()).isEqualTo(name + "!");
    JsonNode deleted = events.getFirst();
    assertThat(deleted.has("after")).isFalse();
    assertThat(deleted.get("before")).isEqualTo(created.get("after"));
  }

  @Test
  void eventIsReadByItsSequenceNumber() {
    JsonNode listed = events(create("/api/providers", unique("p"), OLLAMA)).getFirst();

    Answer found = server.client().get("/api/audit/" + listed.get("seq"));

    assertThat(found.status()).isEqualTo(200);
    assertThat(found.json()).isEqualTo(listed);
  }

  @ParameterizedTest
  @CsvSource({"0, 404", "99999999, 404", "x, 400"})
  void eventThatDoesNotExistIsRejected(String seq, int status) {
    assertThat(server.client().get("/api/audit/" + seq).status()).isEqualTo(status);
  }

  @Test
  void secretsAreRecordedAsHashes() {
    String name = unique("p");
    String id = create("/api/providers", name, azure(FIRST_SECRET));
    put("/api/providers/" + id, name, azure(SECOND_SECRET));

    Answer page = server.client().get("/api/audit?resource=" + id);
    JsonNode changed = page.json().get("data").get(0);
    JsonNode before = changed.at("/before/config/options");
    JsonNode after = changed.at("/after/config/options");
    assertThat(before.at("/token/set").asBoolean()).isTrue();
    assertThat(before.at("/token/hash").asString()).matches("[0-9a-f]{16}");
    assertThat(before.get("token")).isEqualTo(before.at("/x-password/0"));
    assertThat(before.get("token")).isNotEqualTo(after.get("token"));
    assertThat(page.text()).doesNotContain("canary", "5678", "4321");
    assertThat(
            server.stored(
                "SELECT string_agg(concat(before, after), '') FROM audit WHERE resource_id = ?::uuid::text",
                id))
        .doesNotContain("canary", "5678", "4321");
  }

  @Test
  void everyAgentChangeIsRecorded() {
    String name = unique("a");
    String id = create("/api/agents", name, agent(azure(FIRST_SECRET), "one"));
    put("/api/agents/" + id, name, agent(azure(FIRST_SECRET), "two"));
    assertThat(server.client().post("/api/agents/" + id + "/revisions/1/restore", "").status())
        .isEqualTo(200);
    assertThat(server.client().delete("/api/agents/" + id).status()).isEqualTo(204);

    List<JsonNode> events = events(id);
    assertThat(actions(events))
        .containsExactly("agent.deleted", "agent.restored", "agent.replaced", "agent.created");
    JsonNode restored = events.get(1);
    assertThat(restored.at("/before/config/system_prompt").asString()).isEqualTo("two");
    assertThat(restored.at("/before/revision").asInt()).isEqualTo(2);
    assertThat(restored.at("/after/config/system_prompt").asString()).isEqualTo("one");
    assertThat(restored.at("/after/revision").asInt()).isEqualTo(3);
    assertThat(restored.at("/after/restored_revision").asInt()).isEqualTo(1);
    assertThat(restored.at("/after/config/provider/options/token/hash").asString())
        .matches("[0-9a-f]{16}");
    assertThat(events.toString()).doesNotContain("canary", "5678");
  }

  @Test
  void changeWithoutEffectIsNotRecorded() {
    String name = unique("a");
    String id = create("/api/agents", name, agent(OLLAMA, "one"));
    put("/api/agents/" + id, name, agent(OLLAMA, "one"));
    server.client().post("/api/agents/" + id + "/revisions/1/restore", "");
    assertThat(actions(events(id))).containsExactly("agent.created");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/providers", "/api/agents"})
  void idempotentReplayIsNeitherRecordedNorLoggedAgain(String path) {
    String config = path.endsWith("agents") ? agent(OLLAMA, "one") : OLLAMA;
    String name = unique("once");
    String key = UUID.randomUUID().toString();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger("dev.agentlab");
    log.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(log);
    String id = create(path, name, config, "Idempotency-Key", key);
    assertThat(create(path, name, config, "Idempotency-Key", key)).isEqualTo(id);
    logger.detachAppender(log);
    logger.setLevel(null);
    assertThat(events(id)).hasSize(1);
    assertThat(log.list).filteredOn(line -> line.getMessage().endsWith(" created")).hasSize(1);
  }

  @Test
  void failedChangeIsNotRecorded() {
    String name = unique("p");
    String id = create("/api/providers", name, OLLAMA);
    create("/api/agents", unique("follows"), agent("\"" + name + "\"", "x"));
    long before = total();

    String path = "/api/providers/" + id;
    assertThat(server.client().post("/api/providers", body(name, OLLAMA)).status()).isEqualTo(409);
    assertThat(server.client().post("/api/providers", body("x", "{}")).status()).isEqualTo(400);
    assertThat(server.client().put(path, body(name, OLLAMA), "If-Match", "\"7\"").status())
        .isEqualTo(412);
    assertThat(server.client().delete(path).status()).isEqualTo(409);
    assertThat(server.client().delete("/api/agents/" + UUID.randomUUID()).status()).isEqualTo(404);
    assertThat(total()).isEqualTo(before);
  }

  @Test
  void changeThatCannotBeRecordedFails() {
    String name = unique("p");
    String id = create("/api/providers", name, OLLAMA);
    String agent = create("/api/agents", unique("a"), agent(OLLAMA, "one"));
    String now = server.client().get("/api/agents/" + agent).text();
    execute("ALTER TABLE audit_unchained ADD CONSTRAINT no_more CHECK (position < 0) NOT VALID");
    try {
      String other = unique("other");
      assertThat(server.client().post("/api/providers", body(other, OLLAMA)).status())
          .isEqualTo(500);
      assertThat(server.client().put("/api/providers/" + id, body(other, OLLAMA)).status())
          .isEqualTo(500);
      assertThat(server.client().delete("/api/providers/" + id).status()).isEqualTo(500);
      assertThat(
              server.client().put("/api/agents/" + agent, body(other, agent(OLLAMA, ""))).status())
          .isEqualTo(500);
      assertThat(server.client().delete("/api/agents/" + agent).status()).isEqualTo(500);
      String named = "/api/providers?name=" + other.replace(" ", "%20");
      assertThat(server.client().get(named).json().get("total").asInt()).isZero();
      assertThat(server.client().get("/api/providers/" + id).json().get("name").asString())
          .isEqualTo(name);
      assertThat(server.client().get("/api/agents/" + agent).text()).isEqualTo(now);
    } finally {
      execute("ALTER TABLE audit_unchained DROP CONSTRAINT no_more");
    }
  }

  @Test
  void occupiedSeqRejectsChangesUntilItIsFree() {
    create("/api/providers", unique("p"), OLLAMA);
    // The event of the provider may be linked at the same time.
    Await.until("the next seq is occupied", this::occupyNextSeq);
    try {
      Await.value(500, this::statusOfCreate);
    } finally {
      execute(
          """
          ALTER TABLE audit DISABLE TRIGGER audit_kept;
          DELETE FROM audit WHERE seq > (SELECT seq FROM audit_head);
          ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_kept\
          """);
    }
    Await.value(201, this::statusOfCreate);
  }

  private boolean occupyNextSeq() {
    try {
      execute(
          """
          INSERT INTO audit SELECT seq + 1, at, caller_kind, caller_id, caller_name, address,
            request_id, action, kind, resource_id, resource_name, before, after, hash, hash
            FROM audit ORDER BY seq DESC LIMIT 1\
          """);
      return true;
    } catch (UniqueViolationException _) {
      return false;
    }
  }

  private int statusOfCreate() {
    return server.client().post("/api/providers", body(unique("p"), OLLAMA)).status();
  }

  @Test
  void trailIsVerifiedAgainstAnExpectedHead() {
    create("/api/providers", unique("p"), OLLAMA);
    JsonNode report = server.client().post("/api/audit/verify", "{}").json();
    assertThat(report.get("intact").asBoolean()).as(report.toString()).isTrue();
    assertThat(report.has("first_broken")).isFalse();
    assertThat(report.get("rows")).isEqualTo(report.at("/head/seq"));

    create("/api/providers", unique("p"), OLLAMA);
    String earlier = "{\"expected\": %s}".formatted(report.get("head"));
    assertThat(server.client().post("/api/audit/verify", earlier).json().get("intact").asBoolean())
        .isTrue();
    String later =
        "{\"expected\": {\"seq\": 99999, \"hash\": %s}}".formatted(report.at("/head/hash"));
    JsonNode cut = server.client().post("/api/audit/verify", later).json();
    assertThat(cut.get("intact").asBoolean()).isFalse();
    assertThat(cut.has("first_broken")).isFalse();
    assertThat(cut.at("/unexpected/seq").asLong()).isEqualTo(99999);
    assertThat(cut.at("/unexpected/why").asString())
        .contains("the trail ends at row " + cut.get("rows").asString());
  }

  @ParameterizedTest
  @CsvSource({
    "actor=x, actor",
    "action=, action",
    "caller=%00, caller",
    "from=yesterday, from",
    "to=2026-13-01T00:00:00Z, to",
    "to=%2B10000-01-01T00:00:00Z, to",
    "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z, from",
    "page=x, page",
    "kind=key&kind=agent, kind"
  })
  void invalidFilterIsRejectedWithItsName(String query, String field) {
    Answer answer = server.client().get("/api/audit?" + query);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo(field);
  }

  @Test
  void unknownActionAndKindAreNamedWithTheNearest() {
    Answer answer = server.client().get("/api/audit?action=agent.delted&kind=provder");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asString())
        .contains(
            "action: is not known, was \"agent.delted\"; known values are provider.created,",
            "secrets.rotated; did you mean agent.deleted?",
            "kind: is not known, was \"provder\"; known values are provider, agent, route, key,"
                + " session, link, secrets; did you mean provider?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"expected\": {\"seq\": -1, \"hash\": \"x\"}}",
        "{\"expected\": {\"seq\": 1, \"hash\": \"ABC\"}}",
        "{\"expected\": {\"seq\": 1}}",
        "{\"head\": {}}"
      })
  void malformedExpectedHeadIsRejected(String body) {
    assertThat(server.client().post("/api/audit/verify", body).status()).isEqualTo(400);
  }

  @Test
  void pageSizeIsBounded() {
    create("/api/providers", unique("p"), OLLAMA);
    JsonNode page = server.client().get("/api/audit?page_size=1000000").json();
    assertThat(page.get("page_size").asInt()).isEqualTo(100);
    JsonNode bounded =
        server
            .client()
            .get("/api/audit?page_size=1&from=2026-01-01T02:00:00%2B02:00&kind=provider")
            .json();
    assertThat(bounded.get("data")).hasSize(1);
    assertThat(bounded.get("total").asLong()).isEqualTo(bounded.get("total_pages").asLong());
  }
}
