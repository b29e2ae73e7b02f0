package dev.agentlab.cli;

import java.nio.file.Path;
import java.util.Map;

/// The environment in which the program was started.
///
/// @param environment the environment variables
/// @param directory the working directory, against which relative paths are resolved
/// @param home the folder with the configuration of the installation, which is the program's own or
///   that of the machine
public record LaunchContext(
    Map<String, String> environment, Path directory, Path home, Terminal terminal) {
  public LaunchContext {
    environment = Map.copyOf(environment);
  }
}
