package dev.agentlab.cli;

import java.nio.file.Path;
import java.util.Map;

/// The environment in which the program was started.
///
/// @param environment the environment variables
/// @param directory the working directory, against which relative paths are resolved
/// @param home the installation folder of the program
public record LaunchContext(
    Map<String, String> environment, Path directory, Path home, Terminal terminal) {
  public LaunchContext {
    environment = Map.copyOf(environment);
  }
}
