package dev.agentlab.commands;

import dev.agentlab.cli.CommandContext;
import dev.agentlab.cli.ExitCode;
import dev.agentlab.cli.Table;
import dev.agentlab.config.EffectiveSetting;
import dev.agentlab.json.Json;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.node.ObjectNode;

/// The `config` command.
@Command(
    name = "config",
    description = {
      "Print the effective configuration and the source of each value. Secrets are masked.",
      "",
      "It is read from config.toml, then from config.$SERVICE_ENV.toml, then from the environment.",
      "The files are read from the folder in --config, else from the current folder if it contains",
      "config.toml, else from the installation folder.",
      ""
    })
final class ConfigCommand implements Callable<Integer> {
  private final CommandContext context;

  ConfigCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    List<EffectiveSetting> settings = ServiceCommands.config(context).settings();
    String folder = context.configFolder().toString();
    ObjectNode result = Json.MAPPER.createObjectNode().put("folder", folder);
    result.set("settings", Json.MAPPER.valueToTree(settings));
    context.print(result, () -> table(settings));
    context.printNote("read from " + folder);
    return ExitCode.OK.number();
  }

  private static String table(List<EffectiveSetting> settings) {
    return new Table(
            List.of("KEY", "VALUE", "SOURCE", "ENVIRONMENT"),
            settings.stream()
                .map(it -> List.of(it.key(), it.value(), it.source(), it.environment()))
                .toList())
        .text();
  }
}
