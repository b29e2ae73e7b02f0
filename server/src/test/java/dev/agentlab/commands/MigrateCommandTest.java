package dev.agentlab.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.cli.CommandRun;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigrateCommandTest {
  private static final String UNREACHABLE_DSN = "postgres://user:hunter2@127.0.0.1:1/lab";

  @TempDir private Path folder;

  private CommandRun migrate(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "migrate";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return ServiceRun.in(folder).run(all);
  }

  @Test
  void missingActionIsReportedBeforeUsage() {
    CommandRun run = migrate("-dsn", UNREACHABLE_DSN);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("one of -up, -down, -steps, -version, -force, --take-over is required")
        .contains("Usage: agent-lab migrate")
        .contains("-up", "-steps", "-force");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-up",
        "--up",
        "-down",
        "--down",
        "-version",
        "--version",
        "-steps=-1",
        "--steps=2",
        "-force=3",
        "--force=-1",
        "--take-over",
      })
  void actionsAcceptOneDashOrTwo(String action) {
    CommandRun run = migrate("-dsn", UNREACHABLE_DSN, action, "--yes");

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("127.0.0.1:1/lab").doesNotContain("hunter2");
    assertThat(migrate("--dsn=" + UNREACHABLE_DSN, action, "-y")).isEqualTo(run);
  }

  @Test
  void negativeStepsCanBeSeparateArgument() {
    assertThat(migrate("-dsn", UNREACHABLE_DSN, "-steps", "-1", "--yes").code()).isEqualTo(3);
  }

  @Test
  void actionsAreMutuallyExclusive() {
    assertThat(migrate("-dsn", UNREACHABLE_DSN, "-up", "-down").code()).isEqualTo(2);
  }

  @Test
  void dsnIsReadFromEnvironment() {
    CommandRun run =
        ServiceRun.in(folder).environment("DATABASE_DSN", UNREACHABLE_DSN).run("migrate", "-up");

    assertThat(run.code()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-version", "-up"})
  void absentEmbeddedDatabaseIsNotCreated(String action) {
    CommandRun run = migrate(action);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("there is no embedded database in " + folder.resolve("data"))
        .contains("DATABASE_DSN", "DATABASE_HOST", "serve");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void invalidDsnIsRejectedWithExpectedFormat() {
    CommandRun run = migrate("-dsn", "user:hunter2@localhost", "-up");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("postgres://user:password@host").doesNotContain("hunter2");
  }
}
