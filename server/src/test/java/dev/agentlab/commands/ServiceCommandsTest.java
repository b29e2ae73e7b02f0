package dev.agentlab.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.audit.AuditActions;
import dev.agentlab.cli.CommandRun;
import dev.agentlab.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceCommandsTest {
  private static final int UNREACHABLE = 3;

  private static CommandRun run(String command) {
    return ServiceRun.in(Path.of("/nonexistent")).run(command.split(" ", -1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"serve", "migrate", "config", "doctor", "backup", "restore", "key reset-admin"})
  void everyCommandPrintsHelp(String command) {
    CommandRun run = run(command + " --help");

    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("Usage: agent-lab " + command);
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
    assertThat(run.err()).isEmpty();
  }

  @Test
  void helpListsCommandsOfServiceAndOfClient() {
    assertThat(run("--help").out())
        .containsPattern("\\n  serve +Run the service until it receives SIGTERM or SIGINT\\.\\n")
        .containsPattern("\\n  config +Print the effective configuration ")
        .containsPattern("\\n  migrate +Migrate the database schema, or print its version\\.\\n")
        .containsPattern("\\n  doctor +Check configuration, machine, database, ")
        .containsPattern("\\n  provider +");
    assertThat(run("key --help").out()).containsPattern("\\n  reset-admin +");
  }

  @Test
  void dataFolderInReleaseArchiveIsReplacedByUpgrade(@TempDir Path archive) throws IOException {
    Path data = archive.resolve("data");
    assertThat(ServeCommand.isReplacedByUpgrade(archive, data)).isFalse();

    Files.createDirectory(archive.resolve("runtime"));

    assertThat(ServeCommand.isReplacedByUpgrade(archive, data)).isTrue();
    assertThat(ServeCommand.isReplacedByUpgrade(archive, archive.resolve("../data"))).isFalse();
  }

  @Test
  void completionContainsEveryGrantableScope() {
    assertThat(run("completion").out()).contains(TestServer.scopes().allGrants().texts());
  }

  @Test
  void everyAuditActionAndKindIsKnownToAuditList() {
    assertThat(AuditActions.ALL)
        .allSatisfy(action -> assertThat(code("--action", action)).isEqualTo(UNREACHABLE));
    assertThat(AuditActions.KINDS)
        .allSatisfy(kind -> assertThat(code("--kind", kind)).isEqualTo(UNREACHABLE));
  }

  private static int code(String flag, String value) {
    return run("audit list %s %s --url http://127.0.0.1:1".formatted(flag, value)).code();
  }
}
