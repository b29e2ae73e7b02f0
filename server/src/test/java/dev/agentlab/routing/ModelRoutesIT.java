package dev.agentlab.routing;

import static dev.agentlab.agents.AgentApi.body;
import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.names;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.routing.RouteApi.agentTarget;
import static dev.agentlab.routing.RouteApi.config;
import static dev.agentlab.routing.RouteApi.fields;
import static dev.agentlab.routing.RouteApi.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.agents.AgentApi;
import dev.agentlab.json.Json;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The registry of model routes through its HTTP API, on a real PostgreSQL.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModelRoutesIT {
  @RegisterExtension private final TestServer server = new TestServer();
  private final RouteApi api = new RouteApi(server);
  private String provider = "";
  private String simple = "";

  @BeforeAll
  void createProvider() {
    provider = api.createProvider();
    simple = config(target(provider, "m", ""));
  }

  private static String path(String name) {
    return RouteApi.PATH
        + "/"
        + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Test
  void createdRouteShowsDefaultsIdsAndNames() {
    String agent = uniqueName("helper");
    String agentId = id(api.agents().create(agent, AgentApi.INLINE_CONFIG));
    String providerId = id(api.client().get("/api/providers/" + path(provider).substring(12)));
    String name = uniqueName("smart");

    Answer created =
        api.create(
            name,
            """
            {"targets": [{"provider": "%s", "model": "gpt-5", "weight": 3},
                         {"agent_id": "%s", "priority": 2}],
             "first_content_timeout": "20s", "fallback_on": ["429"],
             "parameters": {"defaults": {"temperature": 0.2},
                            "limits": {"max_output_tokens": 8192}}}
            """
                .formatted(provider, agentId));

    assertThat(created.status()).as(created.text()).isEqualTo(201);
    assertThat(created.json().get("name").asString()).isEqualTo(name);
    assertThat(created.json().get("revision").asInt()).isEqualTo(1);
    assertThat(created.json().get("config"))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"targets": [
                   {"provider": "%s", "provider_id": "%s", "model": "gpt-5", "weight": 3,
                    "priority": 1},
                   {"agent": "%s", "agent_id": "%s", "weight": 1, "priority": 2}],
                 "first_content_timeout": "20s", "fallback_on": ["429"], "affinity": "session",
                 "parameters": {"defaults": {"temperature": 0.2},
                                "limits": {"max_output_tokens": 8192}}}
                """
                    .formatted(provider, providerId, agent, agentId)));
    assertThat(created.header("Location")).isEqualTo("/api/routes/" + id(created));
    Answer read = api.client().get(created.header("Location"));
    assertThat(read.json()).isEqualTo(created.json());
    assertThat(read.header("ETag")).isEqualTo(created.header("ETag")).isEqualTo("\"1\"");
  }

  @Test
  void responseSentBackChangesNothing() {
    Answer created = api.createRoute(simple);
    Answer replaced = api.client().put(created.header("Location"), created.text());

    assertThat(replaced.status()).as(replaced.text()).isEqualTo(200);
    assertThat(replaced.json()).isEqualTo(created.json());
  }

  @Test
  void renamedProviderIsShownByItsPresentName() {
    String name = api.createProvider();
    Answer created = api.createRoute(config(target(name, "m", "")));
    String renamed = uniqueName("renamed");
    String providerPath =
        "/api/providers/" + created.json().at("/config/targets/0/provider_id").asString();
    JsonNode providerConfig = api.client().get(providerPath).json().get("config");
    assertThat(api.client().put(providerPath, body(renamed, providerConfig.toString())).status())
        .isEqualTo(200);

    for (String place : List.of("", "/revisions/1")) {
      assertThat(
              api.client()
                  .get(created.header("Location") + place)
                  .json()
                  .at("/config/targets/0/provider")
                  .asString())
          .isEqualTo(renamed);
    }
  }

  @Test
  void allInputErrorsAreReportedTogether() {
    Answer rejected =
        api.create(
            " ",
            """
            {"targets": [%s, {"agent": "absent"}, {"provider": "%s", "model": "m", "weight": 0}],
             "affinity": "x"}
            """
                .formatted(target(provider, "m", ""), provider));
    assertThat(rejected.status()).isEqualTo(400);
    assertThat(fields(rejected))
        .containsExactlyInAnyOrder(
            "name",
            "config.targets[1].agent",
            "config.targets[2].weight",
            "config.targets[2]",
            "config.affinity");
  }

  @Test
  void missingNameDoesNotHideConfigErrors() {
    Answer rejected = api.client().post(RouteApi.PATH, "{\"nam\": \"x\", \"config\": {}}");
    assertThat(rejected.status()).isEqualTo(400);
    assertThat(rejected.json().get("detail").asString())
        .contains("nam: is unknown; did you mean name?")
        .contains("name: is required")
        .contains("config.targets: must have 1 to 32 targets");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\u0000", "\\ud800", "nowhere"})
  void unknownProviderNameIsReportedByField(String name) {
    Answer rejected = api.create(uniqueName("n"), config(target(name, "m", "")));
    assertThat(rejected.status()).isEqualTo(400);
    assertThat(fields(rejected)).containsOnly("config.targets[0].provider");
  }

  @Test
  void unknownIdsAreReportedByField() {
    Answer rejected =
        api.create(
            uniqueName("n"),
            "{\"targets\": [{\"provider_id\": \"%1$s\", \"model\": \"m\"}, {\"agent_id\": \"%1$s\"}]}"
                .formatted(UUID.randomUUID()));
    assertThat(fields(rejected))
        .containsExactly("config.targets[0].provider_id", "config.targets[1].agent_id");
  }

  @Test
  void tooLargeConfigIsRejected() {
    Answer rejected =
        api.create(
            uniqueName("n"),
            "{\"targets\": [%s], \"parameters\": {\"defaults\": {\"user\": \"%s\"}}}"
                .formatted(target(provider, "m", ""), "x".repeat(140_000)));
    assertThat(rejected.status()).isEqualTo(400);
    assertThat(fields(rejected)).containsExactly("config");
  }

  @Test
  void takenNameIsConflict() {
    String name = uniqueName("taken");
    api.createRoute(name, simple);
    Answer other = api.createRoute(simple);
    for (Answer rejected :
        List.of(api.create(name, simple), api.put(other.header("Location"), name, simple))) {
      assertThat(rejected.status()).isEqualTo(409);
      assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/name-taken");
      assertThat(rejected.json().get("detail").asString()).contains(name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"search", "UUID", "..", " x"})
  void nameUnusableInPathIsRejected(String reserved) {
    String name = reserved.equals("UUID") ? UUID.randomUUID().toString() : reserved;
    assertThat(fields(api.create(name, simple))).containsExactly("name");
  }

  @Test
  void everyPathAcceptsName() {
    String name = uniqueName("café/ %");
    String path = path(name);
    Answer created = api.createRoute(name, simple);

    assertThat(api.client().get(path).json()).isEqualTo(created.json());
    assertThat(api.put(path, name, config(target(provider, "n", ""))).header("ETag"))
        .isEqualTo("\"2\"");
    assertThat(api.client().get(path + "/revisions").json().get("total").asInt()).isEqualTo(2);
    assertThat(api.client().get(path + "/revisions/1").status()).isEqualTo(200);
    assertThat(api.client().post(path + "/revisions/1/restore", "").header("ETag"))
        .isEqualTo("\"3\"");
    assertThat(api.client().delete(path, "If-Match", "\"3\"").status()).isEqualTo(204);
    assertThat(api.client().get(path).status()).isEqualTo(404);
    assertThat(api.client().get(path).json().get("type").asString())
        .isEqualTo("/problems/not-found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "revisions", "revision", "restore"})
  void unknownIdOrNameIsNotFound(String what) {
    for (String id : List.of("7", UUID.randomUUID().toString())) {
      assertThat(send(what, RouteApi.PATH + "/" + id).status()).isEqualTo(404);
    }
  }

  private Answer send(String what, String path) {
    return switch (what) {
      case "GET" -> api.client().get(path);
      case "PUT" -> api.put(path, uniqueName("put"), simple);
      case "DELETE" -> api.client().delete(path);
      case "restore" -> api.client().post(path + "/revisions/1/restore", "");
      case "revision" -> api.client().get(path + "/revisions/1");
      default -> api.client().get(path + "/revisions");
    };
  }

  @Test
  void staleChangeIsRejected() {
    String path = api.createRoute(simple).header("Location");
    String changed = config(target(provider, "n", ""));
    String name = uniqueName("n");
    assertThat(api.put(path, name, changed, "If-Match", "\"1\"").status()).isEqualTo(200);
    assertThat(api.put(path, name, changed, "If-Match", "\"1\"").status()).isEqualTo(412);
    assertThat(api.client().post(path + "/revisions/1/restore", "", "If-Match", "\"1\"").status())
        .isEqualTo(412);
    assertThat(api.client().delete(path, "If-Match", "\"1\"").status()).isEqualTo(412);
    assertThat(api.client().delete(path, "If-Match", "\"2\"").status()).isEqualTo(204);
  }

  @Test
  void repeatedCreateWithIdempotencyKeyCreatesOnce() {
    String name = uniqueName("once");
    String[] key = {"Idempotency-Key", UUID.randomUUID().toString()};
    Answer first = api.create(name, simple, key);
    Answer again = api.create(name, simple, key);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(api.create(name + "x", simple, key).status()).isEqualTo(422);
  }

  @Test
  void searchFiltersSortsAndPages() {
    String prefix = uniqueName("listed");
    for (String suffix : List.of("b", "a", "c")) {
      api.createRoute(prefix + suffix, simple);
    }
    String query = "?search=" + prefix.replace(" ", "%20");
    assertThat(names(api.client().get(RouteApi.PATH + query + "&sort=-name&page_size=2")))
        .containsExactly(prefix + "c", prefix + "b");
    Answer second =
        api.client()
            .post(
                RouteApi.PATH + "/search",
                "{\"search\": \"%s\", \"page\": 2, \"page_size\": 2}".formatted(prefix));
    assertThat(names(second)).containsExactly(prefix + "c");
    assertThat(second.json().get("total").asInt()).isEqualTo(3);
    assertThat(second.json().at("/data/0/config/targets/0/provider").asString())
        .isEqualTo(provider);
    assertThat(api.client().get(RouteApi.PATH + "?sort=config").status()).isEqualTo(400);
  }

  @Test
  void totalReflectsEveryChange() {
    long before = total();
    String path = api.createRoute(simple).header("Location");
    assertThat(total()).isEqualTo(before + 1);
    api.put(path, uniqueName("n"), simple);
    assertThat(total()).isEqualTo(before + 1);
    api.client().delete(path);
    assertThat(total()).isEqualTo(before);
  }

  private long total() {
    return api.client().get(RouteApi.PATH).json().get("total").asLong();
  }

  @Test
  void everyChangeCreatesARevision() {
    String name = uniqueName("revised");
    String path = api.createRoute(name, simple).header("Location");
    String renamed = uniqueName("renamed");
    api.put(path, renamed, config(target(provider, "n", "")));
    api.put(path, renamed, config(target(provider, "n", "")));

    JsonNode revisions = api.client().get(path + "/revisions").json();
    assertThat(revisions.get("data").valueStream().map(it -> it.get("revision").asInt()))
        .containsExactly(2, 1);
    assertThat(revisions.at("/data/1/name").asString()).isEqualTo(name);
    assertThat(revisions.at("/data/1/config/targets/0/model").asString()).isEqualTo("m");

    Answer restored = api.client().post(path + "/revisions/1/restore", "");
    assertThat(restored.status()).as(restored.text()).isEqualTo(200);
    assertThat(restored.header("ETag")).isEqualTo("\"3\"");
    assertThat(restored.json().get("name").asString()).isEqualTo(name);
    assertThat(restored.json().at("/config/targets/0/model").asString()).isEqualTo("m");
    assertThat(api.client().post(path + "/revisions/3/restore", "").header("ETag"))
        .isEqualTo("\"3\"");
    assertThat(api.client().get(path + "/revisions/9").status()).isEqualTo(404);
  }

  @Test
  void restoreWithTakenNameIsConflict() {
    String name = uniqueName("first");
    String path = api.createRoute(name, simple).header("Location");
    api.put(path, uniqueName("second"), simple);
    api.createRoute(name, simple);
    Answer rejected = api.client().post(path + "/revisions/1/restore", "");
    assertThat(rejected.status()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/name-taken");
  }

  @Test
  void restoreWithDeletedTargetsIsConflict() {
    String gone = api.createProvider();
    String agent = uniqueName("gone");
    String agentId = id(api.agents().create(agent, AgentApi.INLINE_CONFIG));
    Answer created = api.createRoute(config(target(gone, "m", ""), agentTarget(agent)));
    String providerId = created.json().at("/config/targets/0/provider_id").asString();
    String path = created.header("Location");
    api.put(path, created.json().get("name").asString(), simple);
    assertThat(api.client().delete("/api/providers/" + providerId).status()).isEqualTo(204);
    assertThat(api.client().delete("/api/agents/" + agentId).status()).isEqualTo(204);

    Answer rejected = api.client().post(path + "/revisions/1/restore", "");
    assertThat(rejected.status()).as(rejected.text()).isEqualTo(409);
    assertThat(rejected.json().get("type").asString()).isEqualTo("/problems/target-gone");
    assertThat(rejected.json().get("detail").asString())
        .contains("revision 1", "provider " + providerId, "agent " + agentId);
    JsonNode old = api.client().get(path + "/revisions/1").json().at("/config/targets");
    assertThat(old.at("/0/provider_id").asString()).isEqualTo(providerId);
    assertThat(old.get(0).has("provider")).isFalse();
    assertThat(old.get(1).has("agent")).isFalse();
  }

  @Test
  void everyChangeIsRecorded() {
    Answer created = api.createRoute(simple);
    String path = created.header("Location");
    String name = created.json().get("name").asString();
    api.put(path, name, config(target(provider, "n", "")));
    api.put(path, name, config(target(provider, "n", "")));
    api.client().post(path + "/revisions/1/restore", "");
    api.client().delete(path);

    JsonNode events =
        api.client().get("/api/audit?kind=route&resource=" + id(created)).json().get("data");
    assertThat(events.valueStream().map(event -> event.get("action").asString()))
        .containsExactly("route.deleted", "route.restored", "route.replaced", "route.created");
    assertThat(events.at("/1/before/config/targets/0/model").asString()).isEqualTo("n");
    assertThat(events.at("/1/after/config/targets/0/model").asString()).isEqualTo("m");
    assertThat(events.at("/1/after/restored_revision").asInt()).isEqualTo(1);
    assertThat(events.at("/0/resource_name").asString()).isEqualTo(name);
  }

  @Test
  void scopesOfRoutesAreRequired() {
    String path = api.createRoute(simple).header("Location");
    var reader = api.client().as(api.createKey("routes:read"));
    var writer = api.client().as(api.createKey("routes:write"));
    var other = api.client().as(api.createKey("agents:write"));

    assertThat(reader.get(path).status()).isEqualTo(200);
    assertThat(reader.get(path + "/revisions").status()).isEqualTo(200);
    assertThat(reader.delete(path).status()).isEqualTo(403);
    assertThat(writer.get(path).status()).isEqualTo(403);
    assertThat(other.put(path, body("x", simple)).status()).isEqualTo(403);
    assertThat(writer.delete(path).status()).isEqualTo(204);
  }

  @Test
  void keyCanBeRestrictedToRouteByNameOrId() {
    String name = uniqueName("team/smart");
    String id = id(api.createRoute(name, simple));
    for (String route : List.of(name, id)) {
      String key = api.createKey("invoke:route/" + route);
      assertThat(api.client().as(key).get("/api/keys/self").json().get("scopes").toString())
          .isEqualTo("[\"invoke:route/%s\"]".formatted(id));
    }
    Answer rejected =
        api.client().post("/api/keys", "{\"name\": \"k\", \"scopes\": [\"invoke:route/absent\"]}");
    assertThat(rejected.status()).isEqualTo(400);
    assertThat(fields(rejected)).containsExactly("scopes[0]");
    assertThat(rejected.json().get("detail").asString()).contains("no route", "\"absent\"");
  }
}
