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
  private final CommandContext session;

  DoctorCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    List<CheckResult> checks = new ArrayList<>();
    checks.add(MachineChecks.java());
    Optional<Config> config = config(checks);
    config.ifPresent(valid -> {
      checks.addAll(MachineChecks.dataFolder(valid.get(Settings.DATA_DIR)));
      checks.addAll(DatabaseChecks.of(valid));
      checks.addAll(KeyChecks.kept(valid.get(Settings.DATA_DIR)));
    });
    checks.addAll(service());
    boolean ok = checks.stream().noneMatch(CheckResult::isWrong);
    ObjectNode report = Json.MAPPER.createObjectNode().put("ok", ok);
    report.set("checks", Json.MAPPER.valueToTree(checks.stream().map(CheckResult::json).toList()));
    session.printStyled(
        report, () -> new StepsPrinter(session.terminal()).text(report.path("checks")));
    return (ok ? ExitCode.OK : ExitCode.CHECK_FAILED).number();
  }

  /// The configuration, if it is valid. Adds the results of its checks.
  private Optional<Config> config(List<CheckResult> checks) {
    String folder = session.configFolder().toString();
    try {
      Config config = session.config();
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

  private List<CheckResult> service() throws InterruptedException {
    ApiClient api;
    try {
      api = session.configuredApi();
    } catch (ConfigException _) {
      return List.of(
          CheckResult.skipped("service", "its address is in the invalid configuration; pass --url"));
    } catch (CommandFailure e) {
      return List.of(
          CheckResult.failed(
              "connection", e.message(), "correct this, then run `agent-lab doctor` again"));
    }
    List<CheckResult> checks = new ArrayList<>();
    KeyChecks.shown(api.credential()).ifPresent(checks::add);
    checks.addAll(new ServiceChecks(api, served()).run());
    return checks;
  }

  private Optional<ServiceAddress> served() {
    try {
      Config config = session.config();
      return Optional.of(ConnectionOptions.listening(config, config.get(Settings.SERVER_PORT)));
    } catch (ConfigException | CommandFailure _) {
      return Optional.empty();
    }
  }
}
