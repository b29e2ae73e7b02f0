package dev.agentlab.agents;

import static dev.agentlab.agents.AgentApi.INLINE_CONFIG;
import static dev.agentlab.agents.AgentApi.azureConfig;
import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.config;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.registeredConfig;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRange;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.vault.TestVault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// Revisions of agents, including agents stored by the Go original.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentRevisionsIT {
  private static final String TOKEN = ", \"token\": \"%s-token-12345678\"";

  /// Rows that the Go original could store, by its rules and by manual edits.
  private static final String GO_ORIGINAL_ROWS =
      """
      INSERT INTO agents (name, config, created_at, updated_at) VALUES
        ('usable', '{"name": "x", "system_prompt": "Be brief.", "client": {"timeout": 60000000000},
          "provider": {"name": "azure", "base_url": "https://r.openai.azure.com/openai", "options":
            {"deployment": "d", "auth_type": "api_key", "token": "old-token-12345678",
             "api_version": "v"}},
          "model": {"name": "gpt-4o", "capabilities": {"chat": {"top_p": 0.9}}}}',
          '2024-01-02T03:04:05Z', '2024-02-02T03:04:05Z'),
        ('strange', '{"name": 7, "provider": ["token-1234567890"], "transport": {"token": "secret"},
          "model": {"name": "m"}}', NULL, NULL),
        ('a list', '[1]', NULL, NULL);
      """;

  private final DatabaseSettings database = TestServer.takenOverDatabase(GO_ORIGINAL_ROWS);
  private final TestServer server = new TestServer(database);
  private final AgentApi api = new AgentApi(server);
  private final Database pool = TestPostgres.start(database);
  private final Agents agents =
      Agents.of(
          pool,
          new ChangeFeed(pool),
          ProviderKinds.standard(),
          new PageLimits(20, 100),
          new NoProviders(),
          new NoRoutes(),
          TestVault.start(pool),
          (_, _) -> {});

  private static final class NoRoutes implements RouteLookup {
    @Override
    public Optional<UUID> findRouteId(String name) {
      return Optional.empty();
    }

    @Override
    public Map<UUID, String> routeNames(Set<UUID> ids) {
      return Map.of();
    }

    @Override
    public AgentDependents findDependents(UUID agent, PageRange window) {
      return new AgentDependents(List.of(), 0);
    }
  }

  private static final class NoProviders implements ProviderLookup {
    @Override
    public Optional<UUID> findId(String name) {
      return Optional.empty();
    }

    @Override
    public Optional<ResolvedProvider> resolve(UUID id) {
      return Optional.empty();
    }

    @Override
    public Optional<ResolvedProvider> resolveCached(UUID id) {
      return Optional.empty();
    }

    @Override
    public Optional<List<String>> listModels(UUID id) {
      return Optional.empty();
    }

    @Override
    public Optional<String> findProviderOfModel(String model) {
      return Optional.empty();
    }
  }

  @BeforeAll
  void start() {
    server.start();
  }

  @AfterAll
  void stop() throws Exception {
    server.stop();
    pool.stop(Duration.ofSeconds(5));
  }

  private Answer put(String path, String name, String config, String... headers) {
    Answer answer = api.client().put(path, body(name, config), headers);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer;
  }

  private static List<Integer> revisionNumbers(Answer page) {
    return page.json().get("data").valueStream().map(it -> it.get("revision").asInt()).toList();
  }

  @Test
  void everyChangeCreatesRevision() {
    String name = uniqueName("first");
    Answer created = api.create(name, INLINE_CONFIG);
    String path = created.header("Location");
    Answer second = put(path, uniqueName("second"), config("\"x\"", "").replace("\"x\"", inline()));
    Answer third = put(path, uniqueName("third"), INLINE_CONFIG);

    assertThat(third.header("ETag")).isEqualTo("\"3\"");
    Answer page = api.client().get(path + "/revisions");
    assertThat(revisionNumbers(page)).containsExactly(3, 2, 1);
    assertThat(page.json().get("total").asInt()).isEqualTo(3);
    JsonNode newest = page.json().get("data").get(0);
    assertThat(newest.get("name")).isEqualTo(third.json().get("name"));
    assertThat(newest.get("config")).isEqualTo(third.json().get("config"));
    assertThat(newest.get("created_at")).isEqualTo(third.json().get("updated_at"));
    assertThat(api.client().get(path + "/revisions/2").json())
        .isEqualTo(page.json().get("data").get(1));
    assertThat(api.client().get(path + "/revisions/2").json().get("config"))
        .isEqualTo(second.json().get("config"));
    assertThat(api.client().get(path + "/revisions/1").json().get("name").asString())
        .isEqualTo(name);
    assertThat(revisionNumbers(api.client().get(path + "/revisions?page=2&page_size=2")))
        .containsExactly(1);
  }

  private static String inline() {
    return "{\"name\": \"ollama\", \"base_url\": \"http://localhost:2\"}";
  }

  @Test
  void changeWithoutEffectCreatesNoRevision() {
    String name = uniqueName("same");
    Answer created = api.create(name, config(inline(), ", \"client\": {\"timeout\": \"2m\"}"));
    String path = created.header("Location");

    Answer same = put(path, name, config(inline(), ", \"client\": {\"timeout\": 12e10}"));
    assertThat(same.json()).isEqualTo(created.json());
    assertThat(same.header("ETag")).isEqualTo("\"1\"");
    Answer restored = api.client().post(path + "/revisions/1/restore", "");
    assertThat(restored.json()).isEqualTo(created.json());
    assertThat(revisionNumbers(api.client().get(path + "/revisions"))).containsExactly(1);
  }

  @Test
  void restoreRevertsNameConfigAndSecrets() {
    String name = uniqueName("was");
    Answer created = api.create(name, azureConfig("one", TOKEN.formatted("first")));
    String path = created.header("Location");
    put(path, uniqueName("is"), azureConfig("two", TOKEN.formatted("second")));

    Answer restored = api.client().post(path + "/revisions/1/restore", "", "If-Match", "\"2\"");
    assertThat(restored.status()).as(restored.text()).isEqualTo(200);
    assertThat(restored.header("ETag")).isEqualTo("\"3\"");
    assertThat(restored.json().get("revision").asInt()).isEqualTo(3);
    assertThat(restored.json().get("name").asString()).isEqualTo(name);
    assertThat(restored.json().get("config")).isEqualTo(created.json().get("config"));
    assertThat(server.stored("SELECT config FROM agents WHERE id = ?", id(created)))
        .contains("one.openai")
        .doesNotContain("first-token-1234");
    assertThat(server.secret("agents", id(created), "/options/token"))
        .isEqualTo("first-token-12345678");
    assertThat(revisionNumbers(api.client().get(path + "/revisions"))).containsExactly(3, 2, 1);
  }

  @Test
  void restoreChecksIfMatchAndRevision() {
    String path = api.createAgent(INLINE_CONFIG).header("Location");
    put(path, uniqueName("n"), INLINE_CONFIG);
    assertThat(api.client().post(path + "/revisions/1/restore", "", "If-Match", "\"1\"").status())
        .isEqualTo(412);
    for (String number : List.of("0", "-1", "3", "9223372036854775807")) {
      assertThat(api.client().post(path + "/revisions/%s/restore".formatted(number), "").status())
          .isEqualTo(404);
      assertThat(api.client().get(path + "/revisions/" + number).status()).isEqualTo(404);
    }
    assertThat(api.client().get(path + "/revisions/one").status()).isEqualTo(400);
  }

  @Test
  void restoreOfTakenNameIsRejected() {
    String name = uniqueName("wanted");
    String path = api.create(name, INLINE_CONFIG).header("Location");
    put(path, uniqueName("given up"), INLINE_CONFIG);
    api.create(name, INLINE_CONFIG);

    Answer rejected = api.client().post(path + "/revisions/1/restore", "");
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/name-taken");
    assertThat(rejected.json().get("error").asString()).contains(name);
  }

  @Test
  void restoreOfDeletedProviderIsRejected() {
    String provider = id(api.createProvider(uniqueName("passing")));
    String path = api.createAgent(registeredConfig(provider)).header("Location");
    put(path, uniqueName("n"), INLINE_CONFIG);
    assertThat(api.client().delete("/api/providers/" + provider).status()).isEqualTo(204);

    Answer rejected = api.client().post(path + "/revisions/1/restore", "");
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/provider-gone");
    assertThat(rejected.json().get("error").asString()).contains("revision 1", provider);
    assertThat(api.client().get(path).header("ETag")).isEqualTo("\"2\"");
  }

  @Test
  void requestedRevisionIsResolved() {
    Answer created = api.createAgent(azureConfig("one", TOKEN.formatted("first")));
    String provider = id(api.createProvider(uniqueName("stored")));
    put(created.header("Location"), uniqueName("now"), registeredConfig(provider));
    UUID id = UUID.fromString(id(created));

    ResolvedAgent latest = agents.resolve(id, Optional.empty());
    assertThat(latest.revision()).isEqualTo(2);
    assertThat(latest.config().provider())
        .isEqualTo(new ProviderReference.Registered(UUID.fromString(provider)));
    ResolvedAgent first = agents.resolve(id, Optional.of(1L));
    assertThat(first.name()).isEqualTo(created.json().get("name").asString());
    assertThat(first.config().provider())
        .isInstanceOfSatisfying(
            ProviderReference.Inline.class,
            inline ->
                assertThat(inline.config().stored().at("/options/token").asString())
                    .isEqualTo("first-token-12345678"));
    assertThat(first.toString()).doesNotContain("first-token");
    assertThatThrownBy(() -> agents.resolve(id, Optional.of(3L)))
        .isInstanceOf(AgentException.RevisionNotFound.class);
    assertThatThrownBy(() -> agents.resolve(UUID.randomUUID(), Optional.empty()))
        .isInstanceOf(AgentException.NotFound.class);
  }

  @Test
  void goAgentIsMigratedAtRevisionOne() {
    JsonNode agent = findMigrated("usable");
    String path = "/api/agents/" + agent.get("id").asString();
    assertThat(agent.get("revision").asInt()).isEqualTo(1);
    assertThat(agent.at("/config/provider/options/token/hint").asString()).isEqualTo("…5678");
    assertThat(revisionNumbers(api.client().get(path + "/revisions"))).containsExactly(1);

    ResolvedAgent resolved =
        agents.resolve(UUID.fromString(agent.get("id").asString()), Optional.of(1L));
    assertThat(resolved.config().client().timeout()).isEqualTo(Duration.ofMinutes(1));
    assertThat(resolved.config().systemPrompt()).isEqualTo("Be brief.");
    assertThat(resolved.config().model().name()).isNotEmpty();
  }

  @Test
  void invalidGoConfigIsMigrated() {
    for (String name : List.of("strange", "a list")) {
      JsonNode agent = findMigrated(name);
      String path = "/api/agents/" + agent.get("id").asString();
      assertThat(api.client().get(path).text()).doesNotContain("secret", "1234567890");
      assertThatThrownBy(
              () -> agents.resolve(UUID.fromString(agent.get("id").asString()), Optional.empty()))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("config");
      assertThat(put(path, uniqueName(name), INLINE_CONFIG).header("ETag")).isEqualTo("\"2\"");
      assertThat(api.client().post(path + "/revisions/1/restore", "").header("ETag"))
          .isEqualTo("\"3\"");
    }
  }

  private JsonNode findMigrated(String name) {
    return api.client().get("/api/agents/" + name.replace(" ", "%20")).json();
  }
}
