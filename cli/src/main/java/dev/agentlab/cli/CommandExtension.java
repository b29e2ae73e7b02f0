package dev.agentlab.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The commands that need the code of the service rather than its API, and its configuration.
public interface CommandExtension {
  /// No more commands, and no configuration.
  CommandExtension NONE =
      new CommandExtension() {
        @Override
        public List<CommandTree> commands(CommandContext context) {
          return List.of();
        }

        @Override
        public List<CommandTree> keyCommands(CommandContext context) {
          return List.of();
        }

        @Override
        public ServiceConfig readConfig(Path folder, Map<String, String> environment) {
          throw new CommandFailure(
              ExitCode.USAGE, "--config: only the launcher of the whole program supports it");
        }
      };

  /// The commands below `agent-lab`.
  List<CommandTree> commands(CommandContext context);

  /// The commands below `agent-lab key`.
  List<CommandTree> keyCommands(CommandContext context);

  /// Reads the configuration of a service on this machine.
  ///
  /// @throws InvalidConfigFailure if it is invalid
  ServiceConfig readConfig(Path folder, Map<String, String> environment);
}
