package dev.agentlab.cli;

import static dev.agentlab.cli.FakeProviders.FAILED;
import static dev.agentlab.cli.FakeProviders.ID;
import static dev.agentlab.cli.FakeProviders.KINDS;
import static dev.agentlab.cli.FakeProviders.OLLAMA;
import static dev.agentlab.cli.FakeProviders.append;
import static dev.agentlab.cli.FakeProviders.json;
import static dev.agentlab.cli.FakeProviders.page;
import static dev.agentlab.cli.FakeProviders.serviceWithFailingProbe;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Tests the provider commands except `add` and `update`.
class ProviderCommandsTest extends ProviderCommandTestBase {
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
    assertThat(run.err()).contains("provider \"nobody\" not found");
  }

  @Test
  void testShowsEachStageWithCauseAndFix() {
    try (FakeService other = serviceWithFailingProbe()) {
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
  void signsAreColouredOnlyOnTerminal() {
    assertThat(provider("test", "local").out()).doesNotContain("\u001b");
    assertThat(onService().inColour().run("provider", "test", "local").out())
        .contains("\u001b[32m✓\u001b[0m");
  }

  @Test
  void modelsArePolledUntilLoaded() {
    String path = "GET /api/providers/local/models";
    service
        .on(path, 200, "{\"data\": [], \"state\": \"loading\"}")
        .on(path, 200, "{\"data\": [{\"id\": \"a\"}, {\"id\": \"b\"}], \"state\": \"fresh\"}");

    CommandRun run = provider("models", "local");

    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualToNormalizingNewlines("a\nb\n");
  }

  @Test
  void failedModelListIsReportedWithReason() {
    service.on(
        "GET /api/providers/local/models",
        200,
        "{\"data\": [], \"state\": \"failed\", \"error\": \"connection refused\"}");

    CommandRun run = provider("models", "local");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
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
  void removeAsksForConfirmationOnlyOnTerminal() {
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
  void removeSendsEntityTag() {
    provider("remove", "local");

    assertThat(service.requests("DELETE /api/providers/" + ID).header("If-match"))
        .isEqualTo("\"7\"");
  }

  @Test
  void removePromptShowsKindWithoutBaseUrl() {
    String simulated =
        "{\"id\": \"%s\", \"name\": \"sim\", \"config\": {\"name\": \"simulated\"}}".formatted(ID);
    try (FakeService other = new FakeService().on("GET /api/providers/sim", 200, simulated)) {
      assertThat(
              CommandRun.With.service(other).typing("n").run("provider", "remove", "sim").prompts())
          .containsExactly("Remove sim (simulated)? [y/N] ");
    }
  }

  @Test
  void namesAreSanitizedForTerminal() {
    String hostile = OLLAMA.replace("\"local\"", "\"lo\\u001b[2Jcal\"");
    try (FakeService other =
        new FakeService()
            .on("GET /api/provider-kinds", 200, KINDS)
            .on("GET /api/providers/local", 200, hostile)
            .on("POST /api/providers", 201, hostile)
            .on("PUT /api/providers/" + ID, 200, hostile)
            .on("DELETE /api/providers/" + ID, 204, "")) {
      CommandRun.With with = CommandRun.With.service(other);
      String[] kind = {"--kind", "ollama", "--base-url", "http://h"};

      assertThat(
              Stream.of(
                      with.run(append(new String[] {"provider", "add", "x", "--no-test"}, kind)),
                      with.run(append(new String[] {"provider", "update", "local"}, kind)),
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
  void listSendsSearchSortAndPage() {
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
  void listAllMergesPages() {
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
