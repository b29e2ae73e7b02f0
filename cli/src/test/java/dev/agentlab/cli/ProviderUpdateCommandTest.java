package dev.agentlab.cli;

import static dev.agentlab.cli.FakeProviders.ID;
import static dev.agentlab.cli.FakeProviders.KINDS;
import static dev.agentlab.cli.FakeProviders.OLLAMA;
import static dev.agentlab.cli.FakeProviders.append;
import static dev.agentlab.cli.FakeProviders.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Tests `provider update`.
class ProviderUpdateCommandTest extends ProviderCommandTestBase {
  @Test
  void updateAppliesFlagsAndKeepsSecret() {
    CommandRun run =
        provider(
            "update", "local", "--name", "laptop", "--base-url", "http://h", "--unset", "note");

    assertThat(run.code()).isZero();
    assertThat(service.requests("PUT /api/providers/" + ID).header("If-match")).isEqualTo("\"7\"");
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
  void updateKeepsAndClearsUndeclaredSecrets() {
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
          .on("GET /api/providers/legacy", 200, provider)
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

      assertThat(json(legacy.requests("PUT /api/providers/" + ID).body()).at("/config/options"))
          .isEqualTo(
              json(
                  """
                  {"auth_type": "bearer", "old_key": null, "proxy": {"user": "u"},
                   "headers": null, "note": "mine"}
                  """));
    }
  }

  @Test
  void updateToAnotherKindDropsOptions() {
    provider("update", "local", "--kind", "azure", "--base-url", "http://h/openai");

    assertThat(sent("PUT /api/providers/" + ID).path("config"))
        .isEqualTo(json("{\"name\":\"azure\",\"base_url\":\"http://h/openai\",\"options\":{}}"));
  }

  @Test
  void redirectedSecretIsRejectedWithItsFlags() {
    String refusal =
        """
        {"type": "/problems/secret-required", "title": "A changed destination needs the secret again",
         "status": 409, "detail": "give config.options.token again, or null to clear it"}
        """;
    String provider = OLLAMA.replace("\"note\"", "\"my_key\": {\"set\": true}, \"note\"");
    try (FakeService strict = new FakeService()) {
      strict
          .on("GET /api/provider-kinds", 200, KINDS)
          .on("GET /api/providers/local", 200, provider)
          .on("PUT /api/providers/" + ID, 409, refusal);
      CommandRun.With with = CommandRun.With.service(strict);
      String[] update = {"provider", "update", "local", "--base-url", "http://h"};

      CommandRun run = with.run(update);
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err())
          .contains("--secret-env token=NAME", "or --unset token", "\n  --unset my_key")
          .doesNotContain("config.options", "null");
      assertThat(with.run(append(update, "--unset", "token")).err())
          .contains("--unset my_key")
          .doesNotContain("token");
      assertThat(json(with.run(append(update, "--json")).err())).isEqualTo(json(refusal));
    }
  }

  @Test
  void misspeltSecretIsRejected() {
    CommandRun run =
        onService()
            .environment("CAN", "canary")
            .run("provider", "update", "local", "--secret-env", "tokn=CAN");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("did you mean token?").doesNotContain("canary");
    assertThat(service.lines()).noneMatch(line -> line.startsWith("PUT "));
  }

  @Test
  void updateWithoutChangesIsRejected() {
    assertThat(provider("update", "local").code()).isEqualTo(2);
  }
}
