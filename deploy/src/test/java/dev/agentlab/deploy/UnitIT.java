package dev.agentlab.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.agentlab.cli.ExitCode;
import dev.agentlab.testing.LockedTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The unit for systemd, as systemd's own tool judges it.
class UnitIT {
  /// Tenths of the exposure from 0 to 10, below which the tool calls a unit "OK"; without the
  /// hardening it is 92.
  private static final int MAX_EXPOSURE = 20;

  @TempDir private Path folder;

  @Test
  void unitIsValidAndHardened() throws IOException {
    Path unit = folder.resolve("agent-lab.service");
    // The tool requires that the program exists.
    Files.writeString(
        unit,
        Files.readString(Path.of("systemd/agent-lab.service"))
            .replace("/opt/agent-lab/bin/agent-lab", "/bin/true"));
    requireTool();

    assertThatCode(() -> analyze("verify", "--man=no", unit.toString())).doesNotThrowAnyException();
    assertThatCode(() ->
            analyze("security", "--offline=true", "--threshold=" + MAX_EXPOSURE, unit.toString()))
        .doesNotThrowAnyException();
  }

  @Test
  void serviceIsNotRestartedAfterWhatARestartCannotMend() throws IOException {
    assertThat(Files.readString(Path.of("systemd/agent-lab.service")))
        .contains(
            "Restart=on-failure\n",
            "RestartPreventExitStatus=%d %d\n"
                .formatted(ExitCode.USAGE.number(), ExitCode.INVALID_CONFIGURATION.number()),
            "StartLimitBurst=");
  }

  @Test
  void stopSignalIsSentToTheProgramOnly() throws IOException {
    assertThat(Files.readString(Path.of("systemd/agent-lab.service"))).contains("KillMode=mixed\n");
  }

  private void requireTool() throws IOException {
    try {
      analyze("--version");
    } catch (IOException e) {
      if ("true".equals(System.getenv("REQUIRE_CONTAINERS"))) {
        throw e;
      }
      Assumptions.abort("needs systemd-analyze: " + e.getMessage());
    }
  }

  private void analyze(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("systemd-analyze"));
    command.addAll(List.of(arguments));
    String _ = LockedTools.run(folder, Map.of(), command);
  }
}
