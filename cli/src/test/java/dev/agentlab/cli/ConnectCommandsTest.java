package dev.agentlab.cli;

import static dev.agentlab.cli.FakeProviders.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.FakeService.PreparedResponse;
import java.io.IOException;
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
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ConnectCommandsTest {
  private static final String KEY = "agl_key_abcdefABCDEF_" + "s".repeat(49);
  private static final String OWN = "agl_key_ownownOWNOWN_" + "o".repeat(49);
  private static final String AGENT = "{\"id\": \"helper\", \"kind\": \"agent\"}";
  private static final String MODEL =
      """
      {"id": "oai/org/gpt", "kind": "model", "display_name": "GPT", "context_length": 400000,
       "max_output_tokens": 128000, "input_modalities": ["text", "image"],
       "output_modalities": ["text"]}
      """;

  /// The entry of a model whose tools run in scripts, and of two others.
  private static final String CODEX_CATALOG =
      """
      {"models": [
        {"slug": "new", "base_instructions": "Write scripts.", "tool_mode": "code_mode_only"},
        {"slug": "generic", "base_instructions": "Use the shell.", "visibility": "hide",
         "priority": 7, "upgrade": {"model": "new"}, "supported_in_api": false,
         "default_reasoning_level": "high", "supports_search_tool": true,
         "supported_reasoning_levels": [{"effort": "low", "description": "Fast"}]},
        {"slug": "org/gpt", "use_responses_lite": true, "base_instructions": "You are GPT.", "input_modalities": ["text"],
         "supported_reasoning_levels": [{"effort": "low", "description": "Fast"}]}]}
      """;

  private static final String CHAT = "POST /v1/chat/completions";

  private final FakeService service =
      new FakeService()
          .on(
              "GET /v1/models",
              200,
              "{\"object\": \"list\", \"data\": [%s, %s]}".formatted(AGENT, MODEL))
          .on("GET /v1/models/helper", 200, AGENT)
          .on("GET /v1/models/smart", 200, "{\"id\": \"smart\", \"kind\": \"route\"}")
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
        .environment("PATH", folder.resolve("bin").toString())
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
  @CsvSource({
    "helper, invoke:agent/helper",
    "smart, invoke:route/smart",
    "oai/org/gpt, invoke:model/oai/org/gpt"
  })
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
  void newKeyIsNotLostIfTheSettingsCannotBeWritten() throws Exception {
    Files.writeString(folder.resolve("mine.json"), "{");

    CommandRun run = run("claude", "--model", "helper", "--new-key", "app", "--write", "mine.json");

    assertThat(run.code()).isEqualTo(ExitCode.USAGE.number());
    assertThat(run.err()).contains("which is shown only once: " + KEY);
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

  /// A `codex` in the search path that prints a catalog.
  private void installCodex(String catalog) throws IOException {
    Path program = Files.createDirectories(folder.resolve("bin")).resolve("codex");
    Files.writeString(
        program,
        """
        #!/bin/sh
        [ "$*" = "debug models --bundled" ] || exit 1
        cat <<'END'
        %s
        END
        """
            .formatted(catalog));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void configurationOfCodexIsPrinted() {
    CommandRun run = run("codex", "--model", "helper", "--new-key", "app");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .endsWith(
            """
            model = "helper"
            model_provider = "agent-lab"
            web_search = "disabled"

            [model_providers.agent-lab]
            name = "agent-lab"
            base_url = "%s/v1"
            wire_api = "responses"
            env_key = "AGENT_LAB_API_KEY"

            export AGENT_LAB_API_KEY='%s'
            codex
            """
                .formatted(service.url(), KEY));
  }

  @Test
  void configurationOfCodexKeepsWhatItHas() throws Exception {
    installCodex(CODEX_CATALOG);
    Path file = Files.createDirectories(folder.resolve(".codex")).resolve("config.toml");
    Files.writeString(
        file,
        """
        # mine
        model = "old" # for now
        approval_policy = "never"

        [model_providers.agent-lab]
        env_key = "OLD"
        request_max_retries = 2
        """);

    CommandRun run = run("codex", "--model", "helper", "--new-key", "app", "--write");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains(file.toString()).doesNotContain(KEY);
    Path catalog = file.resolveSibling("agent-lab-models.json");
    assertThat(Files.readString(file))
        .isEqualTo(
            """
            # mine
            model = "helper" # for now
            approval_policy = "never"
            model_provider = "agent-lab"
            web_search = "disabled"
            model_catalog_json = "%s"

            [model_providers.agent-lab]
            request_max_retries = 2
            name = "agent-lab"
            base_url = "%s/v1"
            wire_api = "responses"
            experimental_bearer_token = "%s"
            """
                .formatted(catalog, service.url(), KEY));
    for (Path written : List.of(file, catalog)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(written)))
          .isEqualTo("rw-------");
    }

    // Without a new key, the file keeps its key.
    CommandRun again = run("codex", "--model", "oai/org/gpt", "--write");

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(Files.readString(file))
        .contains("model = \"oai/org/gpt\" # for now", KEY)
        .doesNotContain("env_key");
  }

  @Test
  void catalogOfCodexHasTheSizesOfTheModels() throws Exception {
    installCodex(CODEX_CATALOG);

    CommandRun run = run("codex", "--write", "mine.toml");

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode models =
        json(Files.readString(folder.resolve("agent-lab-models.json"))).path("models");
    assertThat(models.findValuesAsString("slug")).containsExactly("helper", "oai/org/gpt");
    assertThat(models.get(0))
        .isEqualTo(
            json(
                """
                {"slug": "helper", "display_name": "helper", "description": "",
                 "base_instructions": "Use the shell.", "visibility": "list", "priority": 0,
                 "supported_in_api": true, "supported_reasoning_levels": [],
                 "additional_speed_tiers": [], "experimental_supported_tools": [],
                 "service_tiers": [], "support_verbosity": false,
                 "supports_image_detail_original": false, "supports_search_tool": false,
                 "context_window": 128000, "max_context_window": 128000}
                """));
    assertThat(models.get(1).path("display_name").asString()).isEqualTo("GPT");
    assertThat(models.get(1).path("context_window").asInt()).isEqualTo(400_000);
    assertThat(models.get(1).path("input_modalities")).isEqualTo(json("[\"text\", \"image\"]"));
    assertThat(models.get(1).has("use_responses_lite")).isFalse();
    // A model of OpenAI keeps its own levels.
    assertThat(models.get(1).path("base_instructions").asString()).isEqualTo("You are GPT.");
    assertThat(models.get(1).path("supported_reasoning_levels").size()).isEqualTo(1);
  }

  @Test
  void missingCodexIsAWarning() throws Exception {
    CommandRun run = run("codex", "--model", "helper", "--write", "mine.toml");

    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("warning: codex is not installed");
    assertThat(Files.readString(folder.resolve("mine.toml")))
        .contains("env_key = \"AGENT_LAB_API_KEY\"")
        .doesNotContain("model_catalog_json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"models\": []}", "no JSON"})
  void unknownCatalogOfCodexIsAnError(String catalog) throws Exception {
    installCodex(catalog);

    CommandRun run = run("codex", "--model", "helper", "--write", "mine.toml");

    assertThat(run.code()).isEqualTo(ExitCode.FAILURE.number());
    assertThat(run.err()).contains("codex debug models --bundled");
    assertThat(folder.resolve("mine.toml")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"codex", "opencode"})
  void testCreatesAResponse(String client) {
    service.on(
        "POST /v1/responses",
        200,
        """
        {"output": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
          {"type": "message", "content": [{"type": "output_text", "text": "Hello!"}]}],
         "usage": {"input_tokens": 7, "output_tokens": 2}}
        """);

    CommandRun run = run(client, "--model", "helper", "--test");

    assertThat(run.err()).contains("\nHello!\n", "tokens: 7 in, 2 out");
    assertThat(json(service.requests("POST /v1/responses").body()))
        .isEqualTo(json("{\"model\": \"helper\", \"input\": \"Say hello.\", \"store\": false}"));
  }

  @Test
  void settingsOfOpenCodeArePrinted() {
    CommandRun run = run("opencode", "--model", "helper", "--new-key", "app");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("\"model\" : \"agent-lab/helper\"", "export AGENT_LAB_API_KEY='" + KEY + "'");
  }

  @Test
  void settingsOfOpenCodeKeepWhatTheFileHas() throws Exception {
    Path file =
        Files.createDirectories(folder.resolve(".config/opencode")).resolve("opencode.json");
    Files.writeString(file, "{\n  // mine\n  \"theme\": \"dark\", \"model\": \"old\",\n}\n");

    CommandRun run = run("opencode", "--model", "oai/org/gpt", "--new-key", "app", "--write");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains(file.toString()).doesNotContain(KEY);
    String written = Files.readString(file);
    assertThat(written)
        .startsWith("{\n  // mine\n  \"theme\": \"dark\", \"model\": \"agent-lab/oai/org/gpt\",");
    assertThat(json(written.replace("  // mine\n", "")))
        .isEqualTo(
            json(
                """
                {"theme": "dark", "model": "agent-lab/oai/org/gpt",
                 "provider": {"agent-lab": {
                   "npm": "@ai-sdk/openai", "name": "agent-lab", "env": ["AGENT_LAB_API_KEY"],
                   "options": {"baseURL": "%s/v1", "apiKey": "%s"},
                   "models": {"oai/org/gpt": {
                     "name": "GPT", "limit": {"context": 400000, "output": 128000},
                     "modalities": {"input": ["text", "image"], "output": ["text"]},
                     "attachment": true}}}},
                 "small_model": "agent-lab/oai/org/gpt"}
                """
                    .formatted(service.url(), KEY)));
  }

  @Test
  void settingsOfOpenCodeHaveTheModelsOfTheKey() throws Exception {
    CommandRun run = run("opencode", "--write", "mine.json");

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode provider =
        json(Files.readString(folder.resolve("mine.json"))).at("/provider/agent-lab");
    assertThat(provider.path("models").propertyNames()).containsExactly("helper", "oai/org/gpt");
    assertThat(provider.at("/models/helper")).isEqualTo(json("{\"name\": \"helper\"}"));
    assertThat(provider.path("options").has("apiKey")).isFalse();
  }

  @Test
  void commandOfClineIsPrinted() {
    CommandRun run = run("cline", "--model", "oai/org/gpt", "--new-key", "app");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .isEqualTo(
            """
            cline auth --provider openai-compatible \\
              --baseurl '%s/v1' \\
              --apikey '%s' \\
              --modelid 'oai/org/gpt' \\
              --context-window 400000 \\
              --max-output-tokens 128000
            cline
            """
                .formatted(service.url(), KEY));
  }

  @Test
  void settingsOfClineKeepWhatTheFileHas() throws Exception {
    Path file =
        Files.createDirectories(folder.resolve(".cline/data/settings")).resolve("providers.json");
    Files.writeString(
        file,
        """
        {"version": 1, "lastUsedProvider": "anthropic", "modes": {}, "providers": {
          "anthropic": {"settings": {"provider": "anthropic", "apiKey": "other"}}}}
        """);

    CommandRun run = run("cline", "--model", "oai/org/gpt", "--new-key", "app", "--write");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains(file.toString()).doesNotContain(KEY);
    JsonNode written = json(Files.readString(file));
    assertThat(written.path("lastUsedProvider").asString()).isEqualTo("openai-compatible");
    assertThat(written.at("/providers/anthropic/settings/apiKey").asString()).isEqualTo("other");
    assertThat(written.at("/providers/openai-compatible/settings"))
        .isEqualTo(
            json(
                """
                {"provider": "openai-compatible", "baseUrl": "%s/v1", "model": "oai/org/gpt",
                 "apiKey": "%s", "contextWindow": 400000, "maxTokens": 128000}
                """
                    .formatted(service.url(), KEY)));
  }

  @Test
  void testOfClineChats() {
    CommandRun run = run("cline", "--model", "helper", "--test");

    assertThat(run.err()).contains("Hello!", "tokens: 7 in, 2 out");
    assertThat(json(service.requests(CHAT).body()).path("model").asString()).isEqualTo("helper");
  }
}
