package dev.agentlab.cli;

import static dev.agentlab.cli.FakeProviders.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.FakeService.PreparedResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ConnectCommandsTest {
  private static final String KEY = "agl_key_abcdefABCDEF_" + "s".repeat(49);
  private static final String OWN = "agl_key_ownownOWNOWN_" + "o".repeat(49);
  private static final String AGENT = "{\"id\": \"helper\", \"kind\": \"agent\"}";
  private static final String MODEL = "{\"id\": \"oai/org/gpt\", \"kind\": \"model\"}";
  private static final String CHAT = "POST /v1/chat/completions";

  private final FakeService service =
      new FakeService()
          .on("GET /v1/models", 200, "{\"object\": \"list\", \"data\": [%s]}".formatted(AGENT))
          .on("GET /v1/models/helper", 200, AGENT)
          .on("GET /v1/models/oai%2Forg%2Fgpt", 200, MODEL)
          .on("GET /v1/models/none", 404, "{\"error\": {\"message\": \"no such model\"}}")
          .on("POST /api/keys", 201, "{\"key\": \"%s\"}".formatted(KEY))
          .on(
              CHAT,
              new PreparedResponse(
                  200,
                  Map.of("Agent-Lab-Request-Id", "r1", "Agent-Lab-Provider", "oai"),
                  """
                  {"choices": [{"message": {"content": "Hello!"}}],
                   "usage": {"prompt_tokens": 7, "completion_tokens": 2}}
                  """));

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    service.close();
  }

  private CommandRun connect(String... arguments) {
    return run("openai", arguments);
  }

  private CommandRun run(String client, String... arguments) {
    return CommandRun.With.service(service)
        .in(folder)
        .environment("AGENT_LAB_KEY", OWN)
        .environment("HOME", folder.toString())
        .run(
            Stream.concat(Stream.of("connect", client), Stream.of(arguments))
                .toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({
    "python, from openai import OpenAI",
    "javascript, import OpenAI from \"openai\"",
    "java, OpenAIOkHttpClient.fromEnv()",
    "curl, curl \"$OPENAI_BASE_URL/chat/completions\"",
  })
  void programOfEachLanguageNamesTheModel(String language, String line) {
    CommandRun run = connect("--language", language, "--model", "oai/org/gpt");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("export OPENAI_BASE_URL='" + service.url() + "/v1'", line, "\"oai/org/gpt\"")
        .doesNotContain(OWN);
  }

  @Test
  void unknownLanguageIsRejected() {
    CommandRun run = connect("--language", "cobol");

    assertThat(run.code()).isEqualTo(ExitCode.USAGE.number());
    assertThat(run.err()).contains("must be curl, python, javascript, java, was 'cobol'");
  }

  @ParameterizedTest
  @CsvSource({"helper, invoke:agent/helper", "oai/org/gpt, invoke:model/oai/org/gpt"})
  void newKeyReachesOnlyTheModel(String model, String scope) {
    CommandRun run = connect("--model", model, "--new-key", "app");

    assertThat(run.out()).contains("OPENAI_API_KEY='" + KEY + "'");
    assertThat(json(service.requests("POST /api/keys").body()))
        .isEqualTo(json("{\"name\": \"app\", \"scopes\": [\"%s\"]}".formatted(scope)));
  }

  @Test
  void testCallsTheFirstModelWithTheNewKey() {
    CommandRun run = connect("--new-key", "app", "--test");

    assertThat(run.code()).isZero();
    assertThat(run.err())
        .contains("status 200 after ", "from provider oai", "request id r1", "Hello!")
        .contains("tokens: 7 in, 2 out");
    assertThat(service.requests(CHAT).header("Authorization")).isEqualTo("Bearer " + KEY);
    assertThat(json(service.requests(CHAT).body()).path("model").asString()).isEqualTo("helper");
  }

  @Test
  void failedTestShowsTheErrorOfTheModel() {
    service.on(CHAT, 429, "{\"error\": {\"message\": \"slow down\"}}");
    connect("--test");

    CommandRun run = connect("--test");

    assertThat(run.code()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(run.err()).contains("status 429", "slow down");
    assertThat(service.requests().getLast().header("Authorization")).isEqualTo("Bearer " + OWN);
  }

  @Test
  void unknownModelIsRefusedWithTheMessageOfTheService() {
    CommandRun run = connect("--model", "none", "--new-key", "app");

    assertThat(run.code()).isNotZero();
    assertThat(run.err()).contains("no such model");
    assertThat(service.lines()).doesNotContain("POST /api/keys");
  }

  @Test
  void variablesOfClaudeCodeArePrinted() {
    CommandRun run = run("claude", "--model", "helper", "--new-key", "app");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            export ANTHROPIC_BASE_URL='%s'
            export ANTHROPIC_AUTH_TOKEN='%s'
            export ANTHROPIC_MODEL='helper'
            export ANTHROPIC_DEFAULT_HAIKU_MODEL='helper'
            claude
            """
                .formatted(service.url(), KEY));
  }

  @Test
  void settingsOfClaudeCodeKeepWhatTheFileHas() throws Exception {
    Path file = Files.createDirectories(folder.resolve(".claude")).resolve("settings.json");
    Files.writeString(
        file, "{\"theme\": \"dark\", \"env\": {\"A\": \"1\", \"ANTHROPIC_MODEL\": \"old\"}}");

    CommandRun run = run("claude", "--model", "helper", "--new-key", "app", "--write");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains(file.toString()).doesNotContain(KEY);
    assertThat(json(Files.readString(file)))
        .isEqualTo(
            json(
                """
                {"theme": "dark", "env": {"A": "1", "ANTHROPIC_MODEL": "helper",
                 "ANTHROPIC_BASE_URL": "%s", "ANTHROPIC_AUTH_TOKEN": "%s",
                 "ANTHROPIC_DEFAULT_HAIKU_MODEL": "helper"}}
                """
                    .formatted(service.url(), KEY)));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void brokenSettingsAreNotOverwritten() throws Exception {
    Path file = folder.resolve("mine.json");
    Files.writeString(file, "{");

    CommandRun run = run("claude", "--model", "helper", "--write", "mine.json");

    assertThat(run.code()).isEqualTo(ExitCode.USAGE.number());
    assertThat(run.err()).contains("is not a JSON object");
    assertThat(Files.readString(file)).isEqualTo("{");
  }

  @Test
  void testOfClaudeCodeSendsMessages() {
    service.on(
        "POST /v1/messages",
        new PreparedResponse(
            200,
            Map.of("Agent-Lab-Provider", "oai"),
            """
            {"content": [{"type": "text", "text": "Hello!"}],
             "usage": {"input_tokens": 7, "output_tokens": 2}}
            """));

    CommandRun run = run("claude", "--test");

    assertThat(run.err()).contains("Hello!", "tokens: 7 in, 2 out");
    assertThat(json(service.requests("POST /v1/messages").body()).path("max_tokens").asInt())
        .isPositive();
  }

  @Test
  void variablesOfGeminiCliArePrinted() {
    CommandRun run = run("gemini", "--model", "helper", "--new-key", "app");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .endsWith(
            """
            export GOOGLE_GEMINI_BASE_URL='%s'
            export GEMINI_API_KEY='%s'
            export GEMINI_MODEL='helper'
            gemini
            """
                .formatted(service.url(), KEY));
    assertThat(run.err()).doesNotContain("https");
  }

  @Test
  void filesOfGeminiCliKeepWhatTheyHave() throws Exception {
    Path own = Files.createDirectories(folder.resolve(".gemini"));
    Path settings = own.resolve("settings.json");
    Files.writeString(
        settings,
        """
        {"ui": {"theme": "ANSI"},
         "security": {"folderTrust": {"enabled": true}, "auth": {"selectedType": "oauth-personal"}}}
        """);
    Path variables = own.resolve(".env");
    Files.writeString(variables, "# mine\nOTHER=1\nexport GEMINI_API_KEY=old\n");

    CommandRun run = run("gemini", "--model", "helper", "--new-key", "app", "--write");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains(own.toString()).doesNotContain(KEY);
    assertThat(Files.readString(variables))
        .isEqualTo(
            """
            # mine
            OTHER=1
            GOOGLE_GEMINI_BASE_URL='%s'
            GEMINI_API_KEY='%s'
            GEMINI_MODEL='helper'
            """
                .formatted(service.url(), KEY));
    JsonNode written = json(Files.readString(settings));
    assertThat(written.at("/ui/theme").asString()).isEqualTo("ANSI");
    assertThat(written.path("security"))
        .isEqualTo(
            json(
                """
                {"folderTrust": {"enabled": true}, "auth": {"selectedType": "gemini-api-key"}}
                """));
    assertThat(written.at("/modelConfigs/customAliases").findValuesAsString("model"))
        .hasSizeGreaterThan(1)
        .containsOnly("helper");
    for (Path file : List.of(settings, variables)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void settingsInPlaceOfAnObjectAreNotOverwritten() throws Exception {
    Path settings = Files.createDirectories(folder.resolve("mine")).resolve("settings.json");
    Files.writeString(settings, "{\"security\": {\"auth\": 1}}");

    CommandRun run = run("gemini", "--model", "helper", "--write", "mine");

    assertThat(run.code()).isEqualTo(ExitCode.USAGE.number());
    assertThat(run.err()).contains(settings + ": auth must be an object");
    assertThat(Files.readString(settings)).isEqualTo("{\"security\": {\"auth\": 1}}");
  }

  @Test
  void testOfGeminiCliGeneratesContent() {
    String call = "POST /v1beta/models/oai%2Forg%2Fgpt:generateContent";
    service.on(
        call,
        200,
        """
        {"candidates": [{"content": {"parts": [{"text": "Hello!"}]}}],
         "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 2}}
        """);

    CommandRun run = run("gemini", "--model", "oai/org/gpt", "--test");

    assertThat(run.err()).contains("Hello!", "tokens: 7 in, 2 out");
    assertThat(json(service.requests(call).body()))
        .isEqualTo(
            json(
                "{\"contents\": [{\"role\": \"user\", \"parts\": [{\"text\": \"Say hello.\"}]}]}"));
  }
}
