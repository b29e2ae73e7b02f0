package dev.agentlab.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.CommandRun;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.TestServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class MigrateCommandIT {
  @TempDir private Path folder;

  @Test
  void embeddedDatabaseIsMigratedWithoutService() throws Exception {
    CommandRun.With here = ServiceRun.in(folder);
    TestServers.prepare(folder.resolve("data"));

    CommandRun empty = here.run("migrate", "-version");
    assertThat(empty.code()).isEqualTo(1);
    assertThat(empty.err()).contains("embedded in ", "has no schema", "migrate -up", "serve");
    assertThat(here.run("migrate", "-steps", "2", "--json").json().toString())
        .isEqualTo(
            "{\"steps\":[\"000001_initial_schema up\",\"000002_providers up\"],"
                + "\"version\":2,\"dirty\":false}");
    assertThat(here.run("migrate", "-force", "1").out())
        .isEqualToIgnoringNewLines("version: 1, dirty: false");
  }

  @Test
  void runningServiceAllowsOnlyVersionOfEmbeddedDatabase() throws Exception {
    CommandRun.With here = ServiceRun.in(folder);
    TestServers.prepare(folder.resolve("data"));
    here.run("migrate", "-steps", "2");
    EmbeddedPostgres ofTheService = new EmbeddedPostgres(folder.resolve("data"), "agent_lab", 5);
    ofTheService.start();
    try {
      assertThat(here.run("migrate", "-version").out())
          .isEqualToIgnoringNewLines("version: 2, dirty: false");
      CommandRun refused = here.run("migrate", "-up");
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err()).contains("stop that process first");
    } finally {
      ofTheService.stop(Duration.ofSeconds(10));
    }
    assertThat(here.run("migrate", "-version").out())
        .isEqualToIgnoringNewLines("version: 2, dirty: false");
  }

  @Test
  void externalDatabaseIsMigratedAndCheckedByDoctor() throws Exception {
    TestServers.prepare(folder.resolve("elsewhere"));
    EmbeddedPostgres server = new EmbeddedPostgres(folder.resolve("elsewhere"), "agent_lab", 5);
    server.start();
    try {
      CommandRun.With here = external(Dsn.of(server.access()));

      assertThat(here.run("migrate", "-up").out())
          .contains("000001_initial_schema up", "version: ");
      assertThat(here.run("doctor").out())
          .containsPattern("✓ database +PostgreSQL 18\\.\\d+ at 127\\.0\\.0\\.1")
          .containsPattern("✓ schema +version \\d+")
          .containsPattern("✓ clock +differs by \\d+ ms");
    } finally {
      server.stop(Duration.ofSeconds(10));
    }
  }

  @Test
  void rollbackRequiresConfirmation() throws Exception {
    CommandRun.With here = ServiceRun.in(folder);
    TestServers.prepare(folder.resolve("data"));
    here.run("migrate", "-steps", "2");
    for (String action : List.of("-down", "-steps=-1")) {
      CommandRun script = here.run("migrate", action);
      assertThat(script.code()).isEqualTo(2);
      assertThat(script.err()).contains("embedded in " + folder, "are lost", "--yes");

      CommandRun no = here.typing("n").run("migrate", action);
      assertThat(no.code()).isEqualTo(1);
      assertThat(no.err()).contains("nothing was changed");
      assertThat(no.prompts()).singleElement().asString().contains("embedded in", "[y/N]");
    }
    assertThat(here.typing("y").run("migrate", "-steps=-1").out())
        .isEqualToIgnoringNewLines("000002_providers downversion: 1, dirty: false");
    assertThat(here.run("migrate", "-down", "--yes").out())
        .isEqualToIgnoringNewLines("000001_initial_schema downversion: none, dirty: false");
  }

  @Test
  void originalDatabaseIsTakenOverAndReturned() {
    Dsn dsn = TestPostgres.originalDatabase(7);
    CommandRun.With here = external(dsn);

    for (String command : List.of("migrate -version", "migrate -up", "migrate -down --yes")) {
      CommandRun refused = here.run(command.split(" ", -1));
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err())
          .contains(
              dsn.address(), "Go original, at its version 7", "agent-lab migrate --take-over");
    }
    assertThat(here.run("doctor").out())
        .containsPattern("✗ schema +of the Go original, version 7")
        .contains("migrate --take-over");

    assertThat(here.run("migrate", "--take-over").out())
        .contains("000004_provider_registry up", ", dirty: false")
        .doesNotContain("000003_agents");
    assertThat(here.run("migrate", "-version").code()).isZero();
    TestPostgres.execute(
        dsn,
        """
        INSERT INTO providers (name, config)
        VALUES ('azure', '{"options": {"token": {"sealed": "v1.x", "hint": "", "updated_at": ""}}}')
        """);

    CommandRun script = here.run("migrate", "-down");
    assertThat(script.code()).isEqualTo(2);
    assertThat(script.err())
        .contains("to the Go original at its version 7", "must be set again: provider 'azure'");
    assertThat(here.run("migrate", "-down", "--yes").out())
        .contains("must be set again: provider 'azure'")
        .contains("returned to the Go original at its version 7");
    assertThat(here.run("migrate", "--take-over").code()).isZero();
    JsonNode back = here.run("migrate", "-down", "--yes", "--json").json();
    assertThat(back.get("version").isNull()).isTrue();
    assertThat(back.get("original_version").asInt()).isEqualTo(7);
    assertThat(back.get("lost_secrets").get(0).asString()).isEqualTo("provider 'azure'");
  }

  private CommandRun.With external(Dsn dsn) {
    return ServiceRun.in(folder)
        .environment("DATABASE_HOST", dsn.host())
        .environment("DATABASE_PORT", Integer.toString(dsn.port()))
        .environment("DATABASE_NAME", dsn.database())
        .environment("DATABASE_USER", dsn.user())
        .environment("DATABASE_PASSWORD", dsn.password().orElseThrow().reveal())
        .environment("DATABASE_SSLMODE", "disable");
  }
}
