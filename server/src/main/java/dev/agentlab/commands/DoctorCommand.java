package dev.agentlab.cli;

import dev.agentlab.config.Config;
import dev.agentlab.config.ConfigException;
import dev.agentlab.config.Settings;
import dev.agentlab.json.Json;
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
    checks.add(MachineChecks.java());
    Optional<Config> config = loadConfig(checks);
    config.ifPresent(valid -> {
      checks.addAll(MachineChecks.dataFolder(valid.get(Settings.DATA_DIR)));
      checks.addAll(DatabaseChecks.run(valid));
      checks.addAll(KeyChecks.checkServiceKeys(valid.get(Settings.DATA_DIR)));
    });
    checks.addAll(checkService());
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
    String folder = context.configFolder().toString();
    try {
      Config config = context.config();
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

  private List<CheckResult> checkService() throws InterruptedException {
    ApiClient api;
    try {
      api = context.configuredApi();
    } catch (ConfigException _) {
      return List.of(
          CheckResult.skipped(
              "service", "its address is in the invalid configuration; pass --url"));
    } catch (CommandFailure e) {
      return List.of(
          CheckResult.failed(
              "connection", e.message(), "correct this, then run `agent-lab doctor` again"));
    }
    List<CheckResult> checks = new ArrayList<>();
    KeyChecks.checkKeyFile(api.credential()).ifPresent(checks::add);
    checks.addAll(new ServiceChecks(api, configuredAddress()).run());
    return checks;
  }

  private Optional<ServiceAddress> configuredAddress() {
    try {
      Config config = context.config();
      return Optional.of(ConnectionOptions.localAddress(config, config.get(Settings.SERVER_PORT)));
    } catch (ConfigException | CommandFailure _) {
      return Optional.empty();
    }
  }
}
