package dev.agentlab.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The commands that need the code of the service rather than its API, and its configuration.
public interface CommandExtension {
  /// Creates the commands below `agent-lab`, as objects that picocli accepts.
  List<Object> commands(CommandContext context);

  /// Creates the commands below `agent-lab key`.
  List<Object> keyCommands(CommandContext context);

  /// Reads the configuration of a service on this machine.
  ///
  /// @throws InvalidConfigFailure if it is invalid
  ServiceConfig readConfig(Path folder, Map<String, String> environment);
}
