package dev.agentlab.cli;

import static dev.agentlab.cli.FakeAgents.AGENT;
import static dev.agentlab.cli.FakeAgents.ID;
import static dev.agentlab.cli.FakeAgents.INLINE_PROVIDER_AGENT;
import static dev.agentlab.cli.FakeAgents.PROVIDER;
import static dev.agentlab.cli.FakeAgents.PROVIDER_ID;
import static dev.agentlab.cli.FakeAgents.page;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class AgentCommandsTest {
  private static final String PUT = "PUT /api/agents/" + ID;
  private static final String DELETE = "DELETE /api/agents/" + ID;

  private FakeService service;

  @TempDir private Path folder;

  @BeforeEach
  void start() {
    service =
        FakeAgents.service()
            .on("POST /api/agents", 201, AGENT)
            .on(PUT, 200, AGENT.replace("\"revision\": 7", "\"revision\": 8"))
            .on(DELETE, 204, "");
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private CommandRun.With onService() {
    return CommandRun.With.service(service).in(folder);
  }

  private CommandRun runAgentCommand(String... arguments) {
    return onService()
        .run(Stream.concat(Stream.of("agent"), Stream.of(arguments)).toArray(String[]::new));
  }

  private JsonNode sentBody(String line) {
    return json(service.requests(line).body());
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  @Test
  void addSendsValuesOfFlags() throws IOException {
    Files.writeString(folder.resolve("system.txt"), "Be\nbrief.");

    CommandRun run =
        runAgentCommand(
            "add",
            "helper",
            "--provider",
            "local",
            "--model",
            "llama3.2",
            "--system-file",
            "system.txt",
            "--option",
            "chat.temperature=0.70",
            "--option",
            "chat.stop=END",
            "--timeout",
            "90s",
            "--client",
            "retry.max_retries=5");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEqualToIgnoringNewLines("added helper, id " + ID);
    assertThat(sentBody("POST /api/agents"))
        .isEqualTo(
            json(
                """
                {"name": "helper", "config": {"provider_id": "%s", "system_prompt": "Be\\nbrief.",
                 "model": {"name": "llama3.2", "capabilities": {
                   "chat": {"temperature": 0.70, "stop": "END"}}},
                 "client": {"timeout": "90s", "retry": {"max_retries": 5}}}}
                """
                    .formatted(PROVIDER_ID)));
    assertThat(service.requests("POST /api/agents").header("Idempotency-key")).hasSize(36);
  }

  @Test
  void addOmitsValuesWithoutFlag() {
    runAgentCommand("add", "helper", "--provider", "local", "--model", "llama3.2");

    assertThat(sentBody("POST /api/agents").path("config"))
        .isEqualTo(
            json(
                "{\"provider_id\": \"%s\", \"model\": {\"name\": \"llama3.2\"}}"
                    .formatted(PROVIDER_ID)));
  }

  @Test
  void optionIsSetInNamedCapability() {
    runAgentCommand("add", "a", "--provider", "local", "--model", "m", "--option", "tools.top_p=1");

    assertThat(sentBody("POST /api/agents").at("/config/model/capabilities"))
        .isEqualTo(json("{\"tools\": {\"top_p\": 1}}"));
  }

  @Test
  void addFlagsOverrideFile() throws IOException {
    Files.writeString(
        folder.resolve("agent.json"),
        """
        {"name": "loner", "config": {
          "provider": {"name": "openai", "options": {"api_key": "sk-123"}},
          "model": {"name": "gpt", "capabilities": {"chat": {"seed": 1}}}}}
        """);

    CommandRun own =
        runAgentCommand("add", "--file", "agent.json", "--option", "chat.temperature=0");
    CommandRun other =
        runAgentCommand("add", "other", "--file", "agent.json", "--provider", "local");

    assertThat(own.code()).as(own.err()).isZero();
    assertThat(other.code()).as(other.err()).isZero();
    assertThat(service.requests())
        .filteredOn(asked -> asked.line().equals("POST /api/agents"))
        .extracting(asked -> json(asked.body()))
        .containsExactly(
            json(
                """
                {"name": "loner", "config": {
                  "provider": {"name": "openai", "options": {"api_key": "sk-123"}},
                  "model": {"name": "gpt",
                    "capabilities": {"chat": {"seed": 1, "temperature": 0}}}}}
                """),
            json(
                """
                {"name": "other", "config": {"provider_id": "%s",
                  "model": {"name": "gpt", "capabilities": {"chat": {"seed": 1}}}}}
                """
                    .formatted(PROVIDER_ID)));
  }

  @Test
  void routeReplacesProviderAndModel() {
    CommandRun added = runAgentCommand("add", "helper", "--route", "smart");
    CommandRun updated = runAgentCommand("update", "helper", "--route", ID);

    assertThat(added.code()).as(added.err()).isZero();
    assertThat(sentBody("POST /api/agents"))
        .isEqualTo(json("{\"name\": \"helper\", \"config\": {\"route\": \"smart\"}}"));
    assertThat(updated.code()).as(updated.err()).isZero();
    JsonNode config = sentBody(PUT).path("config");
    assertThat(config.path("route_id").asString()).isEqualTo(ID);
    assertThat(config.has("provider_id")).isFalse();
    assertThat(config.path("model"))
        .isEqualTo(json("{\"capabilities\": {\"chat\": {\"temperature\": 0.70}, \"vision\": {}}}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--provider", "--model"})
  void routeExcludesProviderAndModel(String flag) {
    CommandRun run = runAgentCommand("add", "helper", "--route", "smart", flag, "local");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--route and %s are mutually exclusive".formatted(flag));
  }

  @Test
  void showNamesRouteOfAnAgent() {
    service.on(
        "GET /api/agents/routed",
        FakeAgents.read(
            """
            {"id": "%s", "name": "routed", "revision": 1, "config": {"route": "smart",
             "route_id": "%s", "model": {"capabilities": {}}}}
            """
                .formatted(ID, FakeAgents.PROVIDER_ID)));

    CommandRun run = runAgentCommand("show", "routed");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).containsPattern("route +smart").doesNotContain("provider", "model");
  }

  @Test
  void addWithoutTerminalListsMissingFlags() {
    CommandRun run = runAgentCommand("add");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("NAME: ", "--provider PROVIDER: ", "--model MODEL: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"temperature=1", "chat.=1", "smell.strength=1"})
  void optionWithoutKnownCapabilityIsRejected(String option) {
    CommandRun run =
        runAgentCommand("add", "a", "--provider", "local", "--model", "m", "--option", option);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("chat., vision., tools., embeddings.");
  }

  @Test
  void serviceWarningsArePrintedToStandardError() {
    String warned =
        AGENT.strip().replaceFirst("}$", ", \"warnings\": [\"a is\\\\u001b b\", \"c\"]}");
    try (FakeService other = FakeAgents.service().on("POST /api/agents", 201, warned)) {
      String[] add = {"agent", "add", "a", "--provider", "local", "--model", "m"};
      CommandRun run = CommandRun.With.service(other).run(add);

      assertThat(run.code()).isZero();
      assertThat(run.err()).isEqualToIgnoringNewLines("warning: a is\uFFFD bwarning: c");
      assertThat(run.out()).doesNotContain("warning");
    }
  }

  @Test
  void unknownProviderIsNotFound() {
    CommandRun run = runAgentCommand("add", "a", "--provider", "nobody", "--model", "m");

    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("provider \"nobody\" not found");
  }

  @Test
  void addOnTerminalListsProvidersAndModels() {
    service
        .on("GET /api/providers?page_size=50", 200, page(PROVIDER))
        .on("GET /api/providers/7", 404, "{\"status\": 404, \"detail\": \"there is none\"}")
        .on(
            "GET /api/providers/" + PROVIDER_ID + "/models",
            200,
            """
            {"state": "fresh", "data": [{"id": "llama3.2"}, {"id": "llava\\u001b[31m"}]}
            """);

    CommandRun run =
        onService().typing("", "eyes", "7", "nobody", "1", "2", "Look.").run("agent", "add");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("   1  local (ollama)", "   1  llama3.2", "   2  llava\uFFFD[31m")
        .contains("provider \"nobody\" not found");
    assertThat(sentBody("POST /api/agents"))
        .isEqualTo(
            json(
                """
                {"name": "eyes", "config": {"provider_id": "%s",
                  "model": {"name": "llava\\u001b[31m"},
                  "system_prompt": "Look."}}
                """
                    .formatted(PROVIDER_ID)));
  }

  @Test
  void onlyRejectedValueIsPromptedForAgain() {
    try (FakeService strict =
        new FakeService()
            .on("GET /api/providers?page_size=50", 200, page(PROVIDER))
            .on(
                "GET /api/providers/" + PROVIDER_ID + "/models",
                200,
                "{\"state\": \"failed\", \"data\": []}")
            .on("POST /api/agents", 409, "{\"detail\": \"the name eyes is taken\"}")
            .on(
                "POST /api/agents",
                400,
                """
                {"title": "Invalid request", "detail": "x", "errors": [
                 {"field": "config.model.name", "message": "must not be so long"}]}
                """)
            .on("POST /api/agents", 201, AGENT)) {
      CommandRun run =
          CommandRun.With.service(strict)
              .typing("eyes", "1", "llava-long", "Look.", "nose", "llava")
              .run("agent", "add");

      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.err()).containsSubsequence("eyes is taken", "must not be so long");
      assertThat(json(strict.requests().getLast().body()))
          .isEqualTo(
              json(
                  """
                  {"name": "nose", "config": {"provider_id": "%s", "model": {"name": "llava"},
                    "system_prompt": "Look."}}
                  """
                      .formatted(PROVIDER_ID)));
    }
  }

  @Test
  void unlistedModelCanBeTyped() {
    service.on(
        "GET /api/providers/" + PROVIDER_ID + "/models",
        200,
        "{\"state\": \"failed\", \"data\": []}");

    CommandRun run =
        onService().typing("llama3.2", "").run("agent", "add", "a", "--provider", "local");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(sentBody("POST /api/agents").path("config"))
        .isEqualTo(
            json(
                """
                {"provider_id": "%s", "system_prompt": "",
                 "model": {"name": "llama3.2"}}
                """
                    .formatted(PROVIDER_ID)));
  }

  @Test
  void addWithoutProvidersNamesProviderAddCommand() {
    service.on("GET /api/providers?page_size=50", 200, page());

    CommandRun run = onService().typing("a").run("agent", "add");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("`agent-lab provider add`");
  }

  @Test
  void addSavesNothingAtEndOfInput() {
    CommandRun run = onService().typing().run("agent", "add", "--provider", "local");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("nothing was saved");
    assertThat(service.lines()).doesNotContain("POST /api/agents");
  }

  @Test
  void listReadsEachProviderOnce() {
    service.on("GET /api/agents?search=h&page=1", 200, page(AGENT, INLINE_PROVIDER_AGENT, AGENT));

    CommandRun run = runAgentCommand("list", "--search", "h");

    assertThat(
            run.out()
                .lines()
                .map(line -> Pattern.compile(" {2,}").splitAsStream(line).toList().get(2)))
        .containsExactly("PROVIDER", "local", "inline, http://h/v1", "local");
    assertThat(service.lines())
        .filteredOn(line -> line.equals("GET /api/providers/" + PROVIDER_ID))
        .hasSize(1);
  }

  @Test
  void deletedProviderIsShownById() {
    try (FakeService other =
        new FakeService()
            .on("GET /api/agents?page=1", 200, page(AGENT))
            .on("GET /api/providers/" + PROVIDER_ID, 404, "{\"error\": \"gone\"}")) {
      assertThat(CommandRun.With.service(other).run("agent", "list").out()).contains(PROVIDER_ID);
    }
  }

  @Test
  void showNamesSettingsLikeFlags() {
    assertThat(runAgentCommand("show", "helper").out())
        .containsPattern("provider +local\n")
        .containsPattern("chat.temperature +0.70\n")
        .containsPattern("retry.max_retries +3\n")
        .endsWith("\n\nsystem prompt:\nBe brief.\nBe kind.\n");
    assertThat(runAgentCommand("show", "helper", "--json").json()).isEqualTo(json(AGENT));
  }

  @Test
  void showPrintsRequestedRevision() {
    service.on(
        "GET /api/agents/helper/revisions/2",
        200,
        AGENT.replace("\"revision\": 7", "\"revision\": 2").replace("llama3.2", "older"));

    assertThat(runAgentCommand("show", "helper", "--revision", "2").out())
        .containsPattern("revision +2\n")
        .containsPattern("model +older\n");
  }

  @Test
  void revisionsAreListed() {
    service.on("GET /api/agents/helper/revisions?page=1", 200, page(AGENT));

    assertThat(runAgentCommand("revisions", "helper").out())
        .startsWith("REVISION  NAME")
        .containsPattern("7 +helper +llama3.2 +local +2026-01-01\n");
  }

  @Test
  void restoreSendsIfMatch() {
    String line = "POST /api/agents/" + ID + "/revisions/2/restore";
    service.on(line, 200, AGENT.replace("\"revision\": 7", "\"revision\": 8"));

    CommandRun run = runAgentCommand("restore", "helper", "2");

    assertThat(run.out()).contains("restored helper to revision 2, now at revision 8");
    assertThat(service.requests(line).header("If-match")).isEqualTo("\"7\"");
  }

  @Test
  void updateChangesOnlyValuesOfFlags() {
    CommandRun run =
        runAgentCommand(
            "update",
            "helper",
            "--name",
            "aide",
            "--option",
            "chat.top_p=1",
            "--unset",
            "chat.temperature");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("now at revision 8");
    assertThat(service.requests(PUT).header("If-match")).isEqualTo("\"7\"");
    JsonNode before = json(AGENT).path("config");
    assertThat(sentBody(PUT).path("name").asString()).isEqualTo("aide");
    assertThat(sentBody(PUT).at("/config/model/capabilities"))
        .isEqualTo(json("{\"chat\": {\"top_p\": 1}, \"vision\": {}}"));
    assertThat(sentBody(PUT).at("/config/client")).isEqualTo(before.path("client"));
    assertThat(sentBody(PUT).at("/config/system_prompt")).isEqualTo(before.path("system_prompt"));
    assertThat(sentBody(PUT).at("/config/provider_id")).isEqualTo(before.path("provider_id"));
  }

  @Test
  void updateKeepsSecretsOfInlineProvider() {
    try (FakeService other =
        new FakeService()
            .on("GET /api/agents/loner", FakeAgents.read(INLINE_PROVIDER_AGENT))
            .on(PUT, 200, INLINE_PROVIDER_AGENT)) {
      CommandRun.With.service(other).run("agent", "update", "loner", "--model", "new");

      assertThat(json(other.requests(PUT).body()).at("/config/provider"))
          .isEqualTo(
              json(
                  """
                  {"name": "openai", "base_url": "http://h/v1", "options": {"organization": "o"}}
                  """));
    }
  }

  @Test
  void updateWithoutChangesReportsSameRevision() {
    try (FakeService other = FakeAgents.service().on(PUT, 200, AGENT)) {
      CommandRun run =
          CommandRun.With.service(other).run("agent", "update", "helper", "--model", "llama3.2");

      assertThat(run.out()).contains("it stays at revision 7");
    }
    assertThat(runAgentCommand("update", "helper").code()).isEqualTo(2);
  }

  @Test
  void removeAsksForConfirmationAndSendsIfMatch() {
    CommandRun declined = onService().typing("n").run("agent", "remove", "helper");
    assertThat(declined.code()).isEqualTo(1);
    assertThat(declined.prompts())
        .containsExactly("Remove helper (llama3.2) with all its revisions? [y/N] ");
    assertThat(service.lines()).doesNotContain(DELETE);

    assertThat(onService().typing("y").run("agent", "remove", "helper").out())
        .contains("removed helper");
    assertThat(service.requests(DELETE).header("If-match")).isEqualTo("\"7\"");
  }
}
