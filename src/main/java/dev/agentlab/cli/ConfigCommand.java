package dev.agentlab.cli;

import dev.agentlab.config.EffectiveSetting;
import dev.agentlab.json.Json;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.node.ObjectNode;

/// `config`: the configuration in force.
@Command(
    name = "config",
    description = {
      "Print the configuration in force and where each value comes from; secrets are masked.",
      "",
      "It is read from config.toml in the folder that --config names, else in the working directory,",
      "or beside the program if there is none there, then from config.$SERVICE_ENV.toml, then from",
      "the environment.",
      ""
    })
final class ConfigCommand implements Callable<Integer> {
  private final CommandContext session;

  ConfigCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<EffectiveSetting> settings = session.config().settings();
    String folder = session.configFolder().toString();
    ObjectNode result = Json.MAPPER.createObjectNode().put("folder", folder);
    result.set("settings", Json.MAPPER.valueToTree(settings));
    session.print(result, () -> table(settings));
    session.note("read in " + folder);
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
