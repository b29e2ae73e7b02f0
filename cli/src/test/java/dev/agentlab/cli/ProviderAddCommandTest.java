package dev.agentlab.cli;

import static dev.agentlab.cli.FakeProviders.ID;
import static dev.agentlab.cli.FakeProviders.append;
import static dev.agentlab.cli.FakeProviders.json;
import static dev.agentlab.cli.FakeProviders.serviceWithFailingProbe;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests `provider add`.
class ProviderAddCommandTest extends ProviderCommandTestBase {
  @Test
  void addSendsFlagsAndTestsProvider() {
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
    assertThat(service.requests("POST /api/providers").header("Idempotency-key")).hasSize(36);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --models a,b/*             | ["a","b/*"]
          --models a --models b/*    | ["a","b/*"]
          --option models=a,b/*      | ["a","b/*"]
          --option models=["a,b"]    | ["a,b"]
          --option models=[          | "["
          """)
  void addSendsListOfModels(String flags, String models) {
    CommandRun run =
        provider(
            append(
                new String[] {"add", "local", "--kind", "ollama", "--base-url", "http://h"},
                append(flags.split(" ", -1), "--priority", "-5")));

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode options = sent("POST /api/providers").at("/config/options");
    assertThat(options.path("models")).hasToString(models);
    assertThat(options.path("priority").intValue()).isEqualTo(-5);
  }

  @ParameterizedTest
  @CsvSource({"true,true", "false,false", "yes,\"yes\""})
  void addSendsBoolean(String value, String sent) {
    CommandRun run =
        provider(
            "add",
            "local",
            "--kind",
            "ollama",
            "--base-url",
            "http://h",
            "--option",
            "responses=" + value);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(sent("POST /api/providers").at("/config/options/responses")).hasToString(sent);
  }

  @Test
  void rejectedBooleanIsPromptedAgainAsOne() {
    try (FakeService strict =
        new FakeService()
            .on("GET /api/provider-kinds", 200, FakeProviders.KINDS)
            .on(
                "POST /api/providers",
                400,
                """
                {"title": "Invalid request", "detail": "x", "errors": [
                 {"field": "config.options.responses", "message": "must be true or false"}]}
                """)
            .on("POST /api/providers", 201, FakeProviders.OLLAMA)) {
      CommandRun run =
          CommandRun.With.service(strict)
              .typing("http://h", "", "", "", "no", "true")
              .run("provider", "add", "x", "--kind", "ollama", "--no-test");

      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.err()).contains("responses must be true or false");
      assertThat(
              json(strict.requests().getLast().body())
                  .at("/config/options/responses")
                  .booleanValue())
          .isTrue();
    }
  }

  @Test
  void priorityThatIsNoIntegerIsRejected() {
    CommandRun run = provider("update", "local", "--priority", "high");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--priority", "high");
  }

  @Test
  void rejectedElementIsPromptedAgainAsList() {
    try (FakeService strict =
        new FakeService()
            .on("GET /api/provider-kinds", 200, FakeProviders.KINDS)
            .on(
                "POST /api/providers",
                400,
                """
                {"title": "Invalid request", "detail": "x", "errors": [
                 {"field": "config.options.models[0]", "message": "must be a name"},
                 {"field": "config.options.models[2]", "message": "must be a name"}]}
                """)
            .on("POST /api/providers", 201, FakeProviders.OLLAMA)) {
      CommandRun run =
          CommandRun.With.service(strict)
              .typing("http://h", "", "", "a , b", "c, d")
              .run("provider", "add", "x", "--kind", "ollama", "--no-test");

      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.prompts())
          .filteredOn(prompt -> prompt.contains("models (separated by commas; Enter for none)"))
          .hasSize(2);
      assertThat(json(strict.requests().getLast().body()).at("/config/options/models"))
          .hasToString("[\"c\",\"d\"]");
    }
  }

  @Test
  void addReadsSecretsFromEnvironmentFileAndInput() throws IOException {
    Files.writeString(folder.resolve("key.txt"), "from-file\n");
    String[] add = {"provider", "add", "local", "--kind", "ollama", "--base-url", "http://h"};

    onService().environment("KEY", "from-env").run(append(add, "--secret-env", "token=KEY"));
    onService().run(append(add, "--secret-file", "token=key.txt"));
    onService().input("from-input\nmore").run(append(add, "--secret-stdin", "token"));
    onService().typing("typed unseen").run(append(add, "--secret-stdin", "token"));

    assertThat(service.requests())
        .filteredOn(asked -> asked.line().equals("POST /api/providers"))
        .extracting(asked -> json(asked.body()).at("/config/options/token").asString())
        .containsExactly("from-env", "from-file", "from-input", "typed unseen");
  }

  @Test
  void addSendsSecretReferences() {
    String[] add = {"provider", "add", "local", "--kind", "ollama", "--base-url", "http://h"};

    onService().run(append(add, "--secret-ref", "token=env:KEY"));
    onService().run(append(add, "--secret-ref", "token=file:team/key"));
    CommandRun wrong = onService().run(append(add, "--secret-ref", "token=sk-123"));

    assertThat(service.requests())
        .filteredOn(asked -> asked.line().equals("POST /api/providers"))
        .extracting(asked -> json(asked.body()).at("/config/options/token").toString())
        .containsExactly("{\"env\":\"KEY\"}", "{\"file\":\"team/key\"}");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("token=env:NAME").doesNotContain("sk-123");
  }

  @Test
  void secretArgumentIsRejectedWithSecretFlags() {
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
    "--secret-file, token=absent.txt, file not found",
    "--secret-stdin, token, standard input contains no secret",
  })
  void missingSecretIsRejected(String flag, String value, String message) {
    CommandRun run =
        provider("add", "x", "--kind", "ollama", "--base-url", "http://h", flag, value);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @ParameterizedTest
  @CsvSource({
    "--secret-env, tokn=CAN",
    "--secret-file, tokn=can.txt",
    "--secret-stdin, tokn",
    "--secret-ref, tokn=env:CAN",
  })
  void unknownSecretOptionIsRejected(String flag, String value) throws IOException {
    Files.writeString(folder.resolve("can.txt"), "canary");

    CommandRun run =
        onService()
            .environment("CAN", "canary")
            .typing("canary")
            .run("provider", "add", "x", "--kind", "ollama", "--base-url", "http://h", flag, value);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            flag
                + " tokn: the kind ollama has no secret option tokn; did you mean token? Its secret"
                + " options: token");
    assertThat(run.prompts()).isEmpty();
    assertThat(service.lines()).containsOnly("GET /api/provider-kinds");
  }

  @Test
  void nonSecretOptionAsSecretIsRejectedWithItsFlag() {
    CommandRun run =
        onService()
            .environment("CAN", "bearer")
            .run(
                "provider",
                "add",
                "x",
                "--kind",
                "ollama",
                "--base-url",
                "http://h",
                "--secret-env",
                "auth_type=CAN");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            "--secret-env auth_type: auth_type is not a secret; use --option auth_type=VALUE");
  }

  @Test
  void misspeltSecretIsReportedWithMissingFields() {
    CommandRun run =
        onService()
            .environment("CAN", "canary")
            .run(
                "provider",
                "add",
                "x",
                "--kind",
                "azure",
                "--base-url",
                "http://h/v1",
                "--secret-env",
                "tokn=CAN",
                "--secret-env",
                "field=UNSET",
                "--secret-file",
                "tken=absent.txt");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("--secret-env tokn: the kind azure has no secret option tokn")
        .contains("did you mean token? Its secret options: token")
        .contains("--secret-file tken: the kind azure has no secret option tken")
        .contains("the environment variable UNSET contains no secret", "file not found")
        .containsPattern("missing:\n {2}--secret-env token=NAME")
        .doesNotContain("canary");
    assertThat(service.lines()).containsOnly("GET /api/provider-kinds");
  }

  @Test
  void addWithoutTerminalListsMissingFlags() {
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
  void addOnTerminalPromptsForMissingFields() {
    CommandRun run =
        onService()
            .typing(
                "cloud", "azure", "http://h/openai", "gpt", "basic", "api_key", "sk-123", "", "")
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
        .anySatisfy(prompt -> assertThat(prompt).startsWith("field"))
        .filteredOn(prompt -> prompt.contains("auth_type (bearer | api_key)"))
        .hasSize(2);
    assertThat(run.err()).contains("auth_type must be bearer or api_key");
  }

  @Test
  void invalidInputIsPromptedAgainWithError() {
    CommandRun run =
        onService()
            .typing("", "cloud", "azure", "h/openai/v1", "http://h/openai/v1", "", "bearer")
            .typingAlso("sk-123", "many", "10", "9")
            .run("provider", "add");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .containsSubsequence(
            "name is required",
            "base_url must be a URL such as http://localhost:11434",
            "retries must be an integer from 0 to 9",
            "retries must be an integer from 0 to 9");
    assertThat(sent("POST /api/providers").at("/config/options/retries").asInt()).isEqualTo(9);
  }

  @Test
  void optionWithoutEffectIsNotPrompted() {
    CommandRun run =
        onService()
            .typing("cloud", "azure", "http://h/openai", "gpt", "bearer", "sk-123", "")
            .run("provider", "add");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.prompts()).noneMatch(prompt -> prompt.startsWith("field"));
  }

  @Test
  void advancedOptionIsNotPrompted() {
    CommandRun run =
        onService()
            .typing("cloud", "azure", "http://h/openai", "gpt", "bearer", "sk-123", "")
            .run("provider", "add");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.prompts()).noneMatch(prompt -> prompt.startsWith("spare"));
  }

  @Test
  void rejectedFieldIsPromptedAgainAndOthersAreKept() {
    try (FakeService strict =
        new FakeService()
            .on("GET /api/provider-kinds", 200, FakeProviders.KINDS)
            .on(
                "POST /api/providers",
                400,
                """
                {"title": "Invalid request", "detail": "x", "errors": [
                 {"field": "config.options.deployment", "message": "must be a name"}]}
                """)
            .on("POST /api/providers", 409, "{\"detail\": \"the name cloud is taken\"}")
            .on("POST /api/providers", 201, FakeProviders.OLLAMA)) {
      CommandRun run =
          CommandRun.With.service(strict)
              .typing("cloud", "azure", "http://h/openai", "..", "bearer", "sk-123", "")
              .typingAlso("gpt", "sky")
              .run("provider", "add", "--no-test");

      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.err())
          .containsSubsequence("config.options.deployment: must be a name", "cloud is taken");
      assertThat(json(strict.requests().getLast().body()))
          .isEqualTo(
              json(
                  """
                  {"name": "sky", "config": {"name": "azure", "base_url": "http://h/openai",
                   "options": {"deployment": "gpt", "auth_type": "bearer", "token": "sk-123"}}}
                  """));
    }
  }

  @Test
  void rejectedFlagIsErrorOnTerminal() {
    try (FakeService strict =
        new FakeService()
            .on("GET /api/provider-kinds", 200, FakeProviders.KINDS)
            .on("POST /api/providers", 409, "{\"detail\": \"the name x is taken\"}")) {
      CommandRun run =
          CommandRun.With.service(strict)
              .typing("y")
              .run("provider", "add", "x", "--kind", "ollama", "--base-url", "http://h");

      assertThat(run.code()).isEqualTo(5);
      assertThat(run.prompts()).isEmpty();
    }
  }

  @Test
  void addPromptsForFieldsRequiredByBaseUrl() {
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
  void endOfInputSavesNothing() {
    CommandRun run = onService().typing("cloud").run("provider", "add");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("nothing was saved");
    assertThat(service.lines()).doesNotContain("POST /api/providers");
  }

  @Test
  void flagsOverrideFile() throws IOException {
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
  void fileCanBeStandardInput() {
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
  void invalidFileIsRejectedWithoutItsContents(String text) {
    CommandRun run = onService().input(text).run("provider", "add", "--file", "-");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--file - is not").doesNotContain("sk-123", "sk123");
  }

  @Test
  void unknownKindIsRejectedWithKnownKinds() {
    CommandRun run = provider("add", "x", "--kind", "Ollama", "--base-url", "http://h");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("\"Ollama\"", "ollama, azure", "; did you mean ollama?");
  }

  @Test
  void failedTestKeepsStoredProvider() {
    try (FakeService other = serviceWithFailingProbe()) {
      CommandRun run =
          CommandRun.With.service(other)
              .run("provider", "add", "local", "--kind", "ollama", "--base-url", "http://h");

      assertThat(run.code()).isEqualTo(6);
      assertThat(run.out()).contains("added local");
      assertThat(run.err())
          .contains("✗ connect      refused", "cause: nothing listens there")
          .contains("stored, but its test failed");
    }
  }

  @Test
  void failedRequiredTestSavesNothing() {
    try (FakeService other = serviceWithFailingProbe()) {
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

  @Test
  void testFlagsAreMutuallyExclusive() {
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
    assertThat(run.err()).contains("--no-test and --require-test are mutually exclusive");
    assertThat(service.lines()).isEmpty();
  }
}
