package dev.agentlab.commands;

import dev.agentlab.cli.CheckResult;
import dev.agentlab.cli.CommandContext;
import dev.agentlab.cli.DoctorKeyChecks;
import dev.agentlab.cli.DoctorServiceChecks;
import dev.agentlab.cli.ExitCode;
import dev.agentlab.cli.StepsPrinter;
import dev.agentlab.config.Config;
import dev.agentlab.config.ConfigException;
import dev.agentlab.config.Settings;
import dev.agentlab.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.node.ObjectNode;

/// The `doctor` command: checks everything the service needs, whether or not it is running.
@Command(
    name = "doctor",
    description = "Check configuration, machine, database, keys, service, providers and agents.")
final class DoctorCommand implements Callable<Integer> {
  private final CommandContext context;

  DoctorCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    List<CheckResult> checks = new ArrayList<>();
    checks.add(DoctorMachineChecks.java());
    Optional<Config> config = loadConfig(checks);
    config.ifPresent(valid -> {
      checks.addAll(DoctorMachineChecks.dataFolder(valid.get(Settings.DATA_DIR)));
      checks.addAll(DoctorDatabaseChecks.run(valid));
      checks.addAll(DoctorKeyChecks.checkServiceKeys(valid.get(Settings.DATA_DIR)));
    });
    checks.addAll(DoctorServiceChecks.run(context));
    boolean ok = checks.stream().noneMatch(CheckResult::hasFailed);
    ObjectNode report = Json.MAPPER.createObjectNode().put("ok", ok);
    report.set(
        "checks", Json.MAPPER.valueToTree(checks.stream().map(CheckResult::toJson).toList()));
    context.printStyled(
        report, () -> new StepsPrinter(context.terminal()).text(report.path("checks")));
    return (ok ? ExitCode.OK : ExitCode.CHECK_FAILED).number();
  }

  /// The configuration, if it is valid. Adds the results of its checks.
  private Optional<Config> loadConfig(List<CheckResult> checks) {
    Path folder = context.configFolder();
    try {
      Config config = Config.load(folder, context.launchContext().environment());
      checks.add(CheckResult.passed("configuration", "valid, read from " + folder));
      return Optional.of(config);
    } catch (ConfigException e) {
      e.errors()
          .forEach(error ->
              checks.add(
                  CheckResult.failed(
                      "configuration",
                      error.toString(),
                      "correct the setting in its source: %s, read from %s"
                          .formatted(error.source(), folder))));
      return Optional.empty();
    }
  }
}
