package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ProviderCommandsTest {
  private static final String ID = "0b0e7a3e-6c1c-4a39-9d7e-3f1e5a7f0001";
  private static final String KINDS =
      """
      {"data": [
        {"name": "ollama", "title": "Ollama", "description": "A local server.", "schema": {
          "type": "object", "required": ["name", "base_url"], "properties": {
            "name": {"const": "ollama"},
            "base_url": {"type": "string", "description": "Where it is"},
            "options": {"type": "object", "properties": {
              "auth_type": {"type": "string", "enum": ["bearer", "api_key"]},
              "token": {"type": "string", "writeOnly": true}}}}}},
        {"name": "azure", "title": "Azure", "description": "In the cloud.", "schema": {
          "type": "object", "required": ["name", "base_url", "options"], "properties": {
            "name": {"const": "azure"},
            "base_url": {"type": "string"},
            "options": {"type": "object", "required": ["token"],
              "properties": {
                "deployment": {"type": "string", "description": "The name in Azure"},
                "auth_type": {"type": "string", "enum": ["bearer", "api_key"]},
                "token": {"type": "string", "writeOnly": true},
                "retries": {"type": "integer", "default": 3}}}},
          "allOf": [{
            "if": {"required": ["base_url"], "properties": {"base_url": {"pattern": "/v1$"}}},
            "else": {"required": ["options"], "properties": {"options": {
              "required": ["deployment", "auth_type"]}}}}]}}]}
      """;
  private static final String OLLAMA =
      """
      {"id": "%s", "name": "local", "config": {"name": "ollama",
       "base_url": "http://localhost:11434", "options": {"auth_type": "bearer",
       "token": {"set": true, "hint": "…abcd"}, "note": "mine"}},
       "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z"}
      """
          .formatted(ID);
  private static final String PASSED =
      """
      {"ok": true, "stages": [{"name": "connect", "status": "passed", "duration_ms": 1,
       "detail": "127.0.0.1"}], "models": ["llama3.2"]}
      """;
  private static final String FAILED =
      """
      {"ok": false, "stages": [
        {"name": "resolve", "status": "passed", "duration_ms": 0, "detail": "127.0.0.1"},
        {"name": "connect", "status": "failed", "duration_ms": 2, "detail": "refused",
         "cause": "nothing listens there", "fix": "start \\u001b[31mit"},
        {"name": "list_models", "status": "skipped"}]}
      """;

  private FakeService service;

  @TempDir private Path folder;

  @BeforeEach
  void start() {
    service =
        new FakeService()
            .on("GET /api/provider-kinds", 200, KINDS)
            .on("GET /api/providers?name=local", 200, page(OLLAMA))
            .on("GET /api/providers?name=" + ID, 200, page())
            .on("GET /api/providers?name=nobody", 200, page())
            .on(
                "GET /api/providers/" + ID,
                new FakeService.Answer(200, Map.of("ETag", "\"7\""), OLLAMA))
            .on("POST /api/providers", 201, OLLAMA)
            .on("PUT /api/providers/" + ID, 200, OLLAMA)
            .on("DELETE /api/providers/" + ID, 204, "")
            .on("POST /api/providers/" + ID + "/probe", 200, PASSED);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private static String page(String... providers) {
    return """
    {"data": [%s], "total": %d, "page": 1, "page_size": 20, "total_pages": 1}
    """
        .formatted(String.join(",", providers), providers.length);
  }

  private CommandRun.With onService() {
    return CommandRun.With.service(service).in(folder);
  }

  private CommandRun provider(String... arguments) {
    return onService().run(withProvider(arguments));
  }

  private static String[] withProvider(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "provider";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return all;
  }

  private JsonNode sent(String line) {
    return Json.MAPPER.readTree(service.asked(line).body());
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  @Test
  void addSendsWhatTheFlagsSayAndTestsIt() {
    CommandRun run =
        provider(
            "add",
            "local",
            "--kind",
            "ollama",
            "--base-url",
            "http://localhost:11434",
            "--option",
            "auth_type=bearer",
            "--option",
            "note=a=b");

    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualToIgnoringNewLines("added local, id " + ID);
    assertThat(run.err()).contains("✓ connect  127.0.0.1  (1 ms)");
    assertThat(sent("POST /api/providers"))
        .isEqualTo(
            json(
                """
                {"name": "local", "config": {"name": "ollama",
                 "base_url": "http://localhost:11434",
                 "options": {"auth_type": "bearer", "note": "a=b"}}}
                """));
    assertThat(service.asked("POST /api/providers").header("Idempotency-key")).hasSize(36);
  }

  @Test
  void addReadsSecretsFromEnvironmentFileAndInput() throws IOException {
    Files.writeString(folder.resolve("key.txt"), "from-file\n");
    String[] add = {"provider", "add", "local", "--kind", "ollama", "--base-url", "http://h"};

    onService().environment("KEY", "from-env").run(and(add, "--secret-env", "token=KEY"));
    onService().run(and(add, "--secret-file", "token=key.txt"));
    onService().input("from-input\nmore").run(and(add, "--secret-stdin", "token"));
    onService().typing("typed unseen").run(and(add, "--secret-stdin", "token"));

    assertThat(service.asked())
        .filteredOn(asked -> asked.line().equals("POST /api/providers"))
        .extracting(asked -> json(asked.body()).at("/config/options/token").asString())
        .containsExactly("from-env", "from-file", "from-input", "typed unseen");
  }

  private static String[] and(String[] arguments, String... more) {
    return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void secretAsAnArgumentIsRefusedWithTheOtherWays() {
    CommandRun run =
        provider(
            "add", "x", "--kind", "ollama", "--base-url", "http://h", "--option", "token=sk-123");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("--secret-env token=", "--secret-file token=", "--secret-stdin token")
        .doesNotContain("sk-123");
    assertThat(service.lines()).doesNotContain("POST /api/providers");
  }

  @ParameterizedTest
  @CsvSource({
    "--secret-env, token=UNSET, environment variable UNSET",
    "--secret-file, token=absent.txt, there is no file",
    "--secret-stdin, token, the input holds no secret",
  })
  void secretThatIsNotThereIsAnError(String flag, String value, String message) {
    CommandRun run =
        provider("add", "x", "--kind", "ollama", "--base-url", "http://h", flag, value);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @Test
  void addWithoutATerminalListsTheMissingFlags() {
    CommandRun run = provider("add", "cloud", "--kind", "azure");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("--base-url URL", "--option deployment=VALUE: The name in Azure")
        .contains("--secret-env token=NAME")
        .doesNotContain("retries");
    assertThat(provider("add", "x").err()).contains("--kind KIND: one of ollama, azure");
    assertThat(provider("add").err()).contains("NAME");
  }

  @Test
  void addOnATerminalAsksForWhatIsMissing() {
    CommandRun run =
        onService()
            .typing("cloud", "azure", "http://h/openai", "gpt", "basic", "api_key", "sk-123", "")
            .run("provider", "add");

    assertThat(run.code()).isZero();
    assertThat(sent("POST /api/providers"))
        .isEqualTo(
            json(
                """
                {"name": "cloud", "config": {"name": "azure", "base_url": "http://h/openai",
                 "options": {"deployment": "gpt", "auth_type": "api_key", "token": "sk-123"}}}
                """));
    assertThat(run.prompts())
        .anySatisfy(prompt -> assertThat(prompt).startsWith("[hidden] token"))
        .anySatisfy(prompt -> assertThat(prompt).contains("retries (Enter for 3)"))
        .filteredOn(prompt -> prompt.contains("auth_type (bearer | api_key)"))
        .hasSize(2);
  }

  @Test
  void addAsksForWhatTheAddressRequires() {
    CommandRun run =
        onService()
            .typing("cloud", "azure", "http://h/openai/v1", "", "", "sk-123", "")
            .run("provider", "add");

    assertThat(run.code()).isZero();
    assertThat(sent("POST /api/providers").path("config"))
        .isEqualTo(
            json(
                """
                {"name": "azure", "base_url": "http://h/openai/v1", "options": {"token": "sk-123"}}
                """));
    assertThat(run.prompts())
        .anySatisfy(prompt -> assertThat(prompt).contains("deployment (Enter for none)"));
    assertThat(provider("add", "x", "--kind", "azure", "--base-url", "http://h/v1").err())
        .contains("--secret-env token=NAME")
        .doesNotContain("deployment", "auth_type");
  }

  @Test
  void addSavesNothingWhenTheInputEnds() {
    CommandRun run = onService().typing("cloud").run("provider", "add");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("nothing was saved");
    assertThat(service.lines()).doesNotContain("POST /api/providers");
  }

  @Test
  void addTakesAFileAndFlagsOverIt() throws IOException {
    Files.writeString(
        folder.resolve("provider.json"),
        """
        {"name": "cloud", "config": {"name": "azure", "base_url": "http://h/openai",
         "options": {"deployment": "gpt", "auth_type": "bearer", "token": {"set": true}}}}
        """);

    CommandRun run =
        onService()
            .environment("KEY", "sk-123")
            .run(
                "provider",
                "add",
                "other",
                "--file",
                "provider.json",
                "--secret-env",
                "token=KEY",
                "--option",
                "retries=5",
                "--no-test");

    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(sent("POST /api/providers"))
        .isEqualTo(
            json(
                """
                {"name": "other", "config": {"name": "azure", "base_url": "http://h/openai",
                 "options": {"deployment": "gpt", "auth_type": "bearer", "token": "sk-123",
                 "retries": 5}}}
                """));
    assertThat(service.lines()).noneMatch(line -> line.contains("probe"));
  }

  @Test
  void addTakesAFileFromTheInput() {
    CommandRun run =
        onService()
            .input("{\"name\":\"a\",\"config\":{\"name\":\"ollama\",\"base_url\":\"http://h\"}}")
            .run("provider", "add", "--file", "-");

    assertThat(run.code()).isZero();
    assertThat(sent("POST /api/providers").path("name").asString()).isEqualTo("a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"token\": \"sk-123\",", "{\"token\": sk123}", "[]", "{\"config\": \"sk-123\"}"})
  void fileThatIsNoProviderIsAnErrorThatRepeatsNothing(String text) {
    CommandRun run = onService().input(text).run("provider", "add", "--file", "-");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--file - is not").doesNotContain("sk-123", "sk123");
  }

  @Test
  void unknownKindIsAnErrorThatListsTheKnown() {
    CommandRun run = provider("add", "x", "--kind", "Ollama", "--base-url", "http://h");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("\"Ollama\"", "ollama, azure");
  }

  @Test
  void failedTestDoesNotUndoTheSave() {
    try (FakeService other = serviceWhoseProbeFails()) {
      CommandRun run =
          CommandRun.With.service(other)
              .run("provider", "add", "local", "--kind", "ollama", "--base-url", "http://h");

      assertThat(run.code()).isZero();
      assertThat(run.out()).contains("added local");
      assertThat(run.err())
          .contains("✗ connect      refused", "cause: nothing listens there", "it is saved, but");
    }
  }

  @Test
  void requiredTestThatFailsSavesNothing() {
    try (FakeService other = serviceWhoseProbeFails()) {
      CommandRun run =
          CommandRun.With.service(other)
              .run(
                  "provider",
                  "add",
                  "local",
                  "--kind",
                  "ollama",
                  "--base-url",
                  "http://h",
                  "--require-test");

      assertThat(run.code()).isEqualTo(6);
      assertThat(run.err()).contains("✗ connect", "nothing was saved");
      assertThat(other.lines()).doesNotContain("POST /api/providers");
    }
  }

  private static FakeService serviceWhoseProbeFails() {
    return new FakeService()
        .on("GET /api/provider-kinds", 200, KINDS)
        .on("GET /api/providers?name=local", 200, page(OLLAMA))
        .on("POST /api/providers", 201, OLLAMA)
        .on("POST /api/providers/probe", 200, FAILED)
        .on("POST /api/providers/" + ID + "/probe", 200, FAILED);
  }

  @Test
  void updateChangesWhatTheFlagsNameAndKeepsTheSecret() {
    CommandRun run =
        provider(
            "update", "local", "--name", "laptop", "--base-url", "http://h", "--unset", "note");

    assertThat(run.code()).isZero();
    assertThat(service.asked("PUT /api/providers/" + ID).header("If-match")).isEqualTo("\"7\"");
    assertThat(sent("PUT /api/providers/" + ID))
        .isEqualTo(
            json(
                """
                {"name": "laptop", "config": {"name": "ollama", "base_url": "http://h",
                 "options": {"auth_type": "bearer"}}}
                """));
  }

  @Test
  void updateClearsASecretWithNull() {
    provider("update", ID, "--unset", "token");

    assertThat(sent("PUT /api/providers/" + ID).at("/config/options/token").isNull()).isTrue();
  }

  @Test
  void updateKeepsAndClearsSecretsThatNoKindDeclares() {
    String hidden = "{\"set\": true, \"hint\": \"…\"}";
    String provider =
        OLLAMA.replace(
            "\"note\"",
            """
            "my_key": %1$s, "old_key": %1$s, "proxy": {"user": "u", "password": %1$s},
            "keys": [%1$s, %1$s], "headers": {"Cookie": %1$s}, "note"
            """
                .formatted(hidden));
    try (FakeService legacy = new FakeService()) {
      legacy
          .on("GET /api/provider-kinds", 200, KINDS)
          .on("GET /api/providers?name=legacy", 200, page(provider))
          .on("GET /api/providers/" + ID, 200, provider)
          .on("PUT /api/providers/" + ID, 200, provider);
      CommandRun.With.service(legacy)
          .run(
              "provider",
              "update",
              "legacy",
              "--name",
              "new",
              "--unset",
              "old_key",
              "--unset",
              "headers");

      assertThat(json(legacy.asked("PUT /api/providers/" + ID).body()).at("/config/options"))
          .isEqualTo(
              json(
                  """
                  {"auth_type": "bearer", "old_key": null, "proxy": {"user": "u"},
                   "headers": null, "note": "mine"}
                  """));
    }
  }

  @Test
  void updateToAnotherKindLeavesTheOldOptionsBehind() {
    provider("update", "local", "--kind", "azure", "--base-url", "http://h/openai");

    assertThat(sent("PUT /api/providers/" + ID).path("config"))
        .isEqualTo(json("{\"name\":\"azure\",\"base_url\":\"http://h/openai\",\"options\":{}}"));
  }

  @Test
  void updateWithoutAChangeIsAnError() {
    assertThat(provider("update", "local").code()).isEqualTo(2);
  }

  @Test
  void showMasksSecrets() {
    CommandRun run = provider("show", "local");

    assertThat(run.out())
        .contains("name        local", "token       set (…abcd)", "note        mine");
    assertThat(provider("show", ID, "--json").json()).isEqualTo(json(OLLAMA));
  }

  @Test
  void unknownNameIsNotFound() {
    CommandRun run = provider("show", "nobody");

    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("no provider is named \"nobody\"");
  }

  @Test
  void testShowsEachStageWithCauseAndFix() {
    try (FakeService other = serviceWhoseProbeFails()) {
      CommandRun run = CommandRun.With.service(other).run("provider", "test", "local");

      assertThat(run.code()).isEqualTo(6);
      assertThat(run.out())
          .isEqualToNormalizingNewlines(
              """
              ✓ resolve      127.0.0.1  (0 ms)
              ✗ connect      refused  (2 ms)
                  cause: nothing listens there
                  fix: start \uFFFD[31mit
              – list_models
              """);
      assertThat(CommandRun.With.service(other).run("provider", "test", "local", "--json").json())
          .isEqualTo(json(FAILED));
    }
    assertThat(provider("test", "local").code()).isZero();
  }

  @Test
  void signsAreColouredOnlyOnATerminal() {
    assertThat(provider("test", "local").out()).doesNotContain("\u001b");
    assertThat(onService().inColour().run("provider", "test", "local").out())
        .contains("\u001b[32m✓\u001b[0m");
  }

  @Test
  void modelsAreAskedForUntilTheyAreLoaded() {
    String path = "GET /api/providers/" + ID + "/models";
    service
        .on(path, 200, "{\"data\": [], \"state\": \"loading\"}")
        .on(path, 200, "{\"data\": [{\"id\": \"a\"}, {\"id\": \"b\"}], \"state\": \"fresh\"}");

    CommandRun run = provider("models", "local");

    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualToNormalizingNewlines("a\nb\n");
  }

  @Test
  void modelsThatCannotBeListedAreAFailureWithTheReason() {
    service.on(
        "GET /api/providers/" + ID + "/models",
        200,
        "{\"data\": [], \"state\": \"failed\", \"error\": \"connection refused\"}");

    CommandRun run = provider("models", "local");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("connection refused");
  }

  @Test
  void kindsAreListedAndDescribed() {
    assertThat(provider("kinds").out())
        .isEqualToNormalizingNewlines(
            """
            KIND    TITLE   DESCRIPTION
            ollama  Ollama  A local server.
            azure   Azure   In the cloud.
            """);
    assertThat(provider("kinds", "azure").out())
        .contains("token       required, secret", "retries     optional, default 3")
        .contains("deployment  required at some addresses");
    assertThat(provider("kinds", "azure", "--json").json().path("title").asString())
        .isEqualTo("Azure");
  }

  @Test
  void removeAsksOnATerminalAndOtherwiseDoesNot() {
    CommandRun kept = onService().typing("n").run("provider", "remove", "local");
    assertThat(kept.code()).isEqualTo(1);
    assertThat(kept.prompts()).containsExactly("Remove local (http://localhost:11434)? [y/N] ");
    assertThat(service.lines()).doesNotContain("DELETE /api/providers/" + ID);

    assertThat(onService().typing("yes").run("provider", "remove", "local").code()).isZero();
    assertThat(onService().typing().run("provider", "remove", "local", "--yes").code()).isZero();
    assertThat(provider("remove", "local").out()).isEqualToIgnoringNewLines("removed local");
    assertThat(service.lines())
        .filteredOn(line -> line.equals("DELETE /api/providers/" + ID))
        .hasSize(3);
  }

  @Test
  void removeNamesTheVersionRead() {
    provider("remove", "local");

    assertThat(service.asked("DELETE /api/providers/" + ID).header("If-match")).isEqualTo("\"7\"");
  }

  @Test
  void removeOfAProviderWithoutAnAddressNamesItsKind() {
    String simulated = "{\"id\": \"%s\", \"name\": \"sim\", \"config\": {\"name\": \"simulated\"}}";
    try (FakeService other =
        new FakeService()
            .on("GET /api/providers?name=sim", 200, page(simulated.formatted(ID)))
            .on("GET /api/providers/" + ID, 200, simulated.formatted(ID))) {
      assertThat(
              CommandRun.With.service(other).typing("n").run("provider", "remove", "sim").prompts())
          .containsExactly("Remove sim (simulated)? [y/N] ");
    }
  }

  @Test
  void flagsAboutTheTestThatContradictEachOtherAreAnError() {
    CommandRun run =
        provider(
            "add",
            "x",
            "--kind",
            "ollama",
            "--base-url",
            "http://h",
            "--no-test",
            "--require-test");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--no-test and --require-test contradict each other");
    assertThat(service.lines()).isEmpty();
  }

  @Test
  void nameCannotDriveTheTerminal() {
    String hostile = OLLAMA.replace("\"local\"", "\"lo\\u001b[2Jcal\"");
    try (FakeService other =
        new FakeService()
            .on("GET /api/provider-kinds", 200, KINDS)
            .on("GET /api/providers?name=local", 200, page(hostile))
            .on("GET /api/providers/" + ID, 200, hostile)
            .on("POST /api/providers", 201, hostile)
            .on("PUT /api/providers/" + ID, 200, hostile)
            .on("DELETE /api/providers/" + ID, 204, "")) {
      CommandRun.With with = CommandRun.With.service(other);
      String[] kind = {"--kind", "ollama", "--base-url", "http://h"};

      assertThat(
              Stream.of(
                      with.run(and(new String[] {"provider", "add", "x", "--no-test"}, kind)),
                      with.run(and(new String[] {"provider", "update", "local"}, kind)),
                      with.run("provider", "remove", "local"))
                  .map(CommandRun::out))
          .allSatisfy(out -> assertThat(out).contains("lo\uFFFD[2Jcal"));
    }
  }

  @Test
  void listIsAnAlignedTable() {
    service.on(
        "GET /api/providers?page=1",
        200,
        page(OLLAMA, "{\"name\":\"a\\u001b[0m longer name\",\"config\":{}}"));

    CommandRun run = provider("list");

    assertThat(run.out().lines().map(line -> line.indexOf("  ")).toList().getFirst()).isPositive();
    assertThat(run.out())
        .startsWith("NAME               KIND    BASE URL")
        .contains("local              ollama  http://localhost:11434  " + ID)
        .contains("a\uFFFD[0m longer name");
  }

  @Test
  void listPassesOnWhatItIsAskedFor() {
    String line = "GET /api/providers?search=a%26b&sort=name%2C-created_at&page=2&page_size=5";
    service.on(
        line,
        200,
        "{\"data\": [], \"total\": 11, \"page\": 2, \"page_size\": 5, \"total_pages\": 3}");

    CommandRun run =
        provider(
            "list",
            "--page",
            "2",
            "--page-size",
            "5",
            "--search",
            "a&b",
            "--sort",
            "name,-created_at");

    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("page 2 of 3, 11 providers");
    assertThat(
            provider(
                    "list",
                    "--page",
                    "2",
                    "--page-size",
                    "5",
                    "--search",
                    "a&b",
                    "--sort",
                    "name,-created_at",
                    "--quiet")
                .err())
        .isEmpty();
  }

  @Test
  void listOfAllReadsEveryPage() {
    String answer = "{\"data\": [{\"name\": \"%s\"}], \"page\": %d, \"total_pages\": 2}";
    service
        .on("GET /api/providers?page_size=1000&page=1", 200, answer.formatted("a", 1))
        .on("GET /api/providers?page_size=1000&page=2", 200, answer.formatted("b", 2));

    assertThat(provider("list", "--all", "--json").json())
        .isEqualTo(
            json(
                """
                {"data": [{"name": "a"}, {"name": "b"}], "total": 2, "page": 1, "page_size": 2,
                 "total_pages": 1}
                """));
  }
}
