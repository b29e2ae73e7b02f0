package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.FakeService.PreparedResponse;
import dev.agentlab.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class RouteCommandsTest {
  private static final String ID = "0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0003";
  private static final String PROVIDER_ID = "0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0002";
  private static final String POST = "POST /api/routes";
  private static final String EXPLAIN = "POST /api/routes/smart/explain";
  private static final String PUT = "PUT /api/routes/" + ID;
  private static final String DELETE = "DELETE /api/routes/" + ID;

  private static final String ROUTE =
      """
      {"id": "%s", "name": "smart", "config": {
        "targets": [
          {"provider": "openai", "provider_id": "%s", "model": "gpt-5", "weight": 3, "priority": 1},
          {"agent": "helper", "agent_id": "%s", "weight": 1, "priority": 2}],
        "fallback_on": ["timeout", "5xx"], "first_content_timeout": "20s", "affinity": "session",
        "parameters": {"defaults": {"temperature": 0.20},
                       "limits": {"max_output_tokens": 8192}}},
       "revision": 7, "created_at": "2026-01-01T00:00:00Z",
       "updated_at": "2026-01-02T00:00:00Z"}
      """
          .formatted(ID, PROVIDER_ID, FakeAgents.ID);

  private FakeService service;

  @TempDir private Path folder;

  @BeforeEach
  void start() {
    service =
        new FakeService()
            .on("GET /api/routes/smart", read(ROUTE))
            .on("GET /api/routes/" + ID, read(ROUTE))
            .on("GET /api/routes/absent", 404, "{\"status\": 404, \"detail\": \"there is none\"}")
            .on(POST, 201, ROUTE)
            .on(PUT, 200, ROUTE.replace("\"revision\": 7", "\"revision\": 8"))
            .on(DELETE, 204, "");
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private static PreparedResponse read(String route) {
    return new PreparedResponse(200, Map.of("ETag", "\"7\""), route);
  }

  private CommandRun route(String... arguments) {
    return CommandRun.With.service(service)
        .in(folder)
        .run(Stream.concat(Stream.of("route"), Stream.of(arguments)).toArray(String[]::new));
  }

  private JsonNode sentBody(String line) {
    return json(service.requests(line).body());
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  @Test
  void addSendsValuesOfFlags() {
    CommandRun run =
        route(
            "add",
            "smart",
            "--target",
            "openai/gpt-5,weight=3",
            "--target",
            "my%2Fprovider/meta/llama,3:8b,priority=2,weight=1",
            "--agent",
            "helper,priority=2",
            "--fallback-on",
            "timeout,5xx",
            "--first-content-timeout",
            "20s",
            "--affinity",
            "none",
            "--option",
            "temperature=0.20",
            "--max-output-tokens",
            "8192");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualToIgnoringNewLines("added smart, id " + ID);
    assertThat(sentBody(POST))
        .isEqualTo(
            json(
                """
                {"name": "smart", "config": {
                  "targets": [
                    {"provider": "openai", "model": "gpt-5", "weight": 3},
                    {"provider": "my/provider", "model": "meta/llama,3:8b", "priority": 2,
                     "weight": 1},
                    {"agent": "helper", "priority": 2}],
                  "fallback_on": ["timeout", "5xx"], "first_content_timeout": "20s",
                  "affinity": "none",
                  "parameters": {"defaults": {"temperature": 0.20},
                                 "limits": {"max_output_tokens": 8192}}}}
                """));
    assertThat(service.requests(POST).header("Idempotency-key")).hasSize(36);
  }

  @Test
  void addFlagsOverrideFile() throws IOException {
    Files.writeString(
        folder.resolve("route.json"),
        """
        {"name": "smart", "config": {"targets": [{"agent": "helper"}], "affinity": "none"}}
        """);
    CommandRun run = route("add", "other", "--file", "route.json", "--fallback-on", "none");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(sentBody(POST))
        .isEqualTo(
            json(
                """
                {"name": "other", "config": {"targets": [{"agent": "helper"}], "affinity": "none",
                 "fallback_on": []}}
                """));
  }

  @Test
  void addWithoutTargetsIsUsageError() {
    CommandRun run = route("add", "smart");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--target", "--file");
    assertThat(service.lines()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "/gpt-5", "openai/", "openai/,weight=1", "a%2/m"})
  void targetOfAnotherFormIsRejected(String target) {
    CommandRun run = route("add", "smart", "--target", target);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--target");
    assertThat(service.lines()).isEmpty();
  }

  @Test
  void serviceWarningsArePrintedToStandardError() {
    try (FakeService other =
        new FakeService()
            .on(POST, 201, ROUTE.strip().replaceFirst("}$", ", \"warnings\": [\"name is x\"]}"))) {
      CommandRun run =
          CommandRun.With.service(other).run("route", "add", "smart", "--agent", "helper");

      assertThat(run.err()).isEqualToIgnoringNewLines("warning: name is x");
      assertThat(run.out()).doesNotContain("warning");
    }
  }

  @Test
  void updateChangesOnlyValuesOfFlags() {
    CommandRun run =
        route(
            "update", "smart", "--name", "clever", "--unset", "temperature", "--option", "top_p=1");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("now at revision 8");
    assertThat(service.requests(PUT).header("If-match")).isEqualTo("\"7\"");
    JsonNode before = json(ROUTE).path("config");
    assertThat(sentBody(PUT).path("name").asString()).isEqualTo("clever");
    assertThat(sentBody(PUT).at("/config/targets")).isEqualTo(before.path("targets"));
    assertThat(sentBody(PUT).at("/config/fallback_on")).isEqualTo(before.path("fallback_on"));
    assertThat(sentBody(PUT).at("/config/parameters"))
        .isEqualTo(
            json("{\"defaults\": {\"top_p\": 1}, \"limits\": {\"max_output_tokens\": 8192}}"));
  }

  @Test
  void updateReplacesAllTargets() {
    route("update", "smart", "--agent", "other");

    assertThat(sentBody(PUT).at("/config/targets")).isEqualTo(json("[{\"agent\": \"other\"}]"));
    assertThat(sentBody(PUT).path("name").asString()).isEqualTo("smart");
  }

  @Test
  void updateWithoutFlagsIsUsageError() {
    assertThat(route("update", "smart").code()).isEqualTo(2);
    assertThat(service.lines()).isEmpty();
  }

  @Test
  void updateWithoutChangesReportsSameRevision() {
    try (FakeService other =
        new FakeService().on("GET /api/routes/smart", read(ROUTE)).on(PUT, 200, ROUTE)) {
      assertThat(
              CommandRun.With.service(other)
                  .run("route", "update", "smart", "--affinity", "session")
                  .out())
          .contains("it stays at revision 7");
    }
  }

  @Test
  void listShowsTargets() {
    service.on("GET /api/routes?search=s&sort=-name&page=1", 200, FakeAgents.page(ROUTE));

    assertThat(route("list", "--search", "s", "--sort", "-name").out())
        .startsWith("NAME   TARGETS")
        .containsPattern("smart +openai/gpt-5, agent helper +7 +" + ID);
  }

  @Test
  void showPrintsTargetsAndSettings() {
    assertThat(route("show", "smart").out())
        .containsPattern("target +openai/gpt-5, weight 3, priority 1\n")
        .containsPattern("target +agent helper, weight 1, priority 2\n")
        .containsPattern("fallback_on +timeout, 5xx\n")
        .containsPattern("first_content_timeout +20s\n")
        .containsPattern("affinity +session\n")
        .containsPattern("defaults.temperature +0.20\n")
        .containsPattern("limits.max_output_tokens +8192\n");
    assertThat(route("show", "smart", "--json").json()).isEqualTo(json(ROUTE));
  }

  @Test
  void deletedTargetOfRevisionIsShownById() {
    service.on(
        "GET /api/routes/smart/revisions/2",
        200,
        ROUTE.replace("\"provider\": \"openai\", ", "").replace("\"agent\": \"helper\", ", ""));

    assertThat(route("show", "smart", "--revision", "2").out())
        .contains(PROVIDER_ID + "/gpt-5", "agent " + FakeAgents.ID);
  }

  @Test
  void revisionsAreListed() {
    service.on("GET /api/routes/smart/revisions?page=1", 200, FakeAgents.page(ROUTE));

    assertThat(route("revisions", "smart").out())
        .startsWith("REVISION  NAME")
        .containsPattern("7 +smart +openai/gpt-5, agent helper +2026-01-01\n");
  }

  @Test
  void restoreSendsIfMatch() {
    String line = "POST /api/routes/" + ID + "/revisions/2/restore";
    service.on(line, 200, ROUTE.replace("\"revision\": 7", "\"revision\": 8"));

    CommandRun run = route("restore", "smart", "2");

    assertThat(run.out()).contains("restored smart to revision 2, now at revision 8");
    assertThat(service.requests(line).header("If-match")).isEqualTo("\"7\"");
  }

  @Test
  void removeAsksOnTerminalAndSendsIfMatch() {
    CommandRun refused =
        CommandRun.With.service(service).typing("n").run("route", "remove", "smart");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.prompts())
        .containsExactly(
            "Remove smart (openai/gpt-5, agent helper) with all its revisions? [y/N] ");
    assertThat(service.lines()).doesNotContain(DELETE);

    CommandRun run = route("remove", "smart", "--yes");
    assertThat(run.out()).contains("removed smart");
    assertThat(service.requests(DELETE).header("If-match")).isEqualTo("\"7\"");
  }

  private void onExplain(String response) {
    service.on(EXPLAIN, 200, response);
  }

  @Test
  void explainPrintsTheDecision() {
    onExplain(
        """
        {"target": "azure/gpt-5", "order": ["openai/gpt-5", "azure/gpt-5", "helper"],
         "skipped": [{"target": "mistral/large", "reason": "cannot be called"},
                     {"target": "openai/gpt-5", "reason": "is suspended"}]}
        """);

    CommandRun run = route("explain", "smart");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .containsExactly(
            "TARGETS IN ORDER  DECISION",
            "openai/gpt-5      skipped: is suspended",
            "azure/gpt-5       is called",
            "helper",
            "mistral/large     skipped: cannot be called");
    assertThat(sentBody(EXPLAIN).at("/dialect").asString()).isEqualTo("openai");
    assertThat(sentBody(EXPLAIN).at("/body/messages/0/content").asString()).isEqualTo("Hello");
    assertThat(route("explain", "smart", "--json").json().at("/target").asString())
        .isEqualTo("azure/gpt-5");
  }

  @Test
  void explainSendsHeaderFieldsAndBody() throws IOException {
    onExplain("{\"target\": null, \"order\": [], \"skipped\": []}");
    Files.writeString(folder.resolve("body.json"), "{\"input\": \"Hi\"}");

    CommandRun run =
        route(
            "explain smart --dialect responses --session 7f3a --header X-One=1 --file body.json"
                .split(" "));

    assertThat(sentBody(EXPLAIN))
        .isEqualTo(
            json(
                """
                {"dialect": "responses", "headers": {"X-One": "1", "Agent-Lab-Session": "7f3a"},
                 "body": {"input": "Hi"}}
                """));
    assertThat(run.err()).contains("no target would be called");
  }

  @Test
  void statsPrintTargetsSideBySide() {
    service.on(
        "GET /api/routes/smart/stats",
        200,
        """
        {"hour": {"all": %1$s, "targets": [{"target": "openai/gpt-5", "totals": %1$s}]},
         "day": {"all": %2$s, "targets": []}}
        """
            .formatted(
                """
                {"calls": 12, "failed": 2, "moved": 1, "ended_in_error": 0, "errors": {},
                 "first_content": {"p50_us": 412000, "p95_us": 950400},
                 "duration": {"p50_us": 2100000, "p95_us": 5000000},
                 "tokens": {"input": 100, "cached_input": 20, "output": 50}}\
                """,
                """
                {"calls": 0, "failed": 0, "moved": 0, "ended_in_error": 0, "errors": {},
                 "first_content": {}, "duration": {}, "tokens": {}}\
                """));

    CommandRun run = route("stats", "smart");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines().map(line -> line.replaceAll(" {2,}", "|")))
        .containsExactly(
            "PERIOD|TARGET|CALLS|FAILED|MOVED|BROKEN OFF|FIRST CONTENT|DURATION|INPUT|CACHED|OUTPUT",
            "hour|all|12|2|1|0|412, 950 ms|2100, 5000 ms|100|20|50",
            "hour|openai/gpt-5|12|2|1|0|412, 950 ms|2100, 5000 ms|100|20|50",
            "day|all|0|0|0|0|-|-|-|-|-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"show", "explain", "stats"})
  void unknownRouteIsNotFound(String command) {
    String problem = "{\"status\": 404, \"detail\": \"there is none\"}";
    service.on("POST /api/routes/absent/explain", 404, problem);
    service.on("GET /api/routes/absent/stats", 404, problem);

    CommandRun run = route(command, "absent");

    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("route \"absent\" not found", "`agent-lab route list`");
  }
}
