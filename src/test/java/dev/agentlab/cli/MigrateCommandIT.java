package dev.agentlab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrateCommandIT {
  @TempDir private Path folder;

  private void createDatabase() throws Exception {
    EmbeddedPostgres server = new EmbeddedPostgres(folder.resolve("data"), 5);
    server.start();
    server.stop(Duration.ofSeconds(10));
  }

  @Test
  void movesTheEmbeddedDatabaseWhenTheServiceDoesNotRun() throws Exception {
    CommandRun.With here = CommandRun.With.directory(folder);
    createDatabase();

    assertThat(here.run("migrate", "-version").out()).isEqualToIgnoringNewLines("version none");
    assertThat(here.run("migrate", "-steps", "2", "--json").json().toString())
        .isEqualTo(
            "{\"steps\":[\"000001_initial_schema up\",\"000002_providers up\"],"
                + "\"version\":2,\"dirty\":false}");
    assertThat(here.run("migrate", "-force", "1").out()).isEqualToIgnoringNewLines("version 1");
  }

  @Test
  void tellsTheVersionOfTheEmbeddedDatabaseWhileTheServiceRunsAndMovesNothing() throws Exception {
    CommandRun.With here = CommandRun.With.directory(folder);
    createDatabase();
    here.run("migrate", "-steps", "2");
    EmbeddedPostgres ofTheService = new EmbeddedPostgres(folder.resolve("data"), 5);
    ofTheService.start();
    try {
      assertThat(here.run("migrate", "-version").out()).isEqualToIgnoringNewLines("version 2");
      CommandRun refused = here.run("migrate", "-up");
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err()).contains("stop that one first");
    } finally {
      ofTheService.stop(Duration.ofSeconds(10));
    }
    assertThat(here.run("migrate", "-version").out()).isEqualToIgnoringNewLines("version 2");
  }

  @Test
  void movesAnExternalDatabaseAndDoctorReadsIt() throws Exception {
    EmbeddedPostgres server = new EmbeddedPostgres(folder.resolve("elsewhere"), 5);
    server.start();
    try {
      CommandRun.With here =
          CommandRun.With.directory(folder)
              .environment("DATABASE_HOST", "127.0.0.1")
              .environment("DATABASE_PORT", Integer.toString(server.access().port()))
              .environment("DATABASE_NAME", EmbeddedPostgres.DATABASE)
              .environment("DATABASE_USER", EmbeddedPostgres.USER)
              .environment("DATABASE_PASSWORD", server.access().password().reveal())
              .environment("DATABASE_SSLMODE", "disable");

      assertThat(here.run("migrate", "-up").out()).contains("000001_initial_schema up", "version ");
      assertThat(here.run("doctor").out())
          .containsPattern("✓ database +PostgreSQL 18\\.\\d+ at 127\\.0\\.0\\.1")
          .containsPattern("✓ schema +version \\d+")
          .containsPattern("✓ clock +\\d+ ms");
    } finally {
      server.stop(Duration.ofSeconds(10));
    }
  }
}
