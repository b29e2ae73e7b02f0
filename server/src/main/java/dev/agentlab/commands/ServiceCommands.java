package dev.agentlab.commands;

import dev.agentlab.cli.CommandContext;
import dev.agentlab.cli.CommandExtension;
import dev.agentlab.cli.CommandTree;
import dev.agentlab.cli.InvalidConfigFailure;
import dev.agentlab.cli.ServiceConfig;
import dev.agentlab.config.Config;
import dev.agentlab.config.ConfigException;
import dev.agentlab.config.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The commands of this package and the configuration of the service, for the command line.
public final class ServiceCommands implements CommandExtension {

  @Override
  public List<CommandTree> commands(CommandContext context) {
    return List.of(
        CommandTree.command("serve", () -> new ServeCommand(context)),
        CommandTree.command("config", () -> new ConfigCommand(context)),
        CommandTree.command("migrate", () -> new MigrateCommand(context)),
        CommandTree.command("backup", () -> new BackupCommand(context)),
        CommandTree.command("restore", () -> new RestoreCommand(context)),
        CommandTree.command("doctor", () -> new DoctorCommand(context)),
        CommandTree.command("train-service", () -> new ServiceTrainingCommand(context)));
  }

  @Override
  public List<CommandTree> keyCommands(CommandContext context) {
    return List.of(CommandTree.command("reset-admin", () -> new KeyResetAdminCommand(context)));
  }

  @Override
  public ServiceConfig readConfig(Path folder, Map<String, String> environment) {
    Config config = load(folder, environment);
    return new ServiceConfig(
        config.scheme(),
        config.get(Settings.SERVER_HOST),
        config.get(Settings.SERVER_PORT),
        config.get(Settings.DATA_DIR),
        config.get(Settings.SERVER_TLS_CERT));
  }

  /// The effective configuration.
  ///
  /// @throws InvalidConfigFailure if it is invalid
  static Config config(CommandContext context) {
    return load(context.configFolder(), context.launchContext().environment());
  }

  private static Config load(Path folder, Map<String, String> environment) {
    try {
      return Config.load(folder, environment);
    } catch (ConfigException e) {
      throw new InvalidConfigFailure(String.valueOf(e.getMessage()));
    }
  }
}
