package dev.agentlab.cli;

import java.nio.file.Path;
import java.util.Map;

/// What the program finds where it is started.
///
/// @param environment the environment variables
/// @param directory the working directory, against which paths in arguments resolve
/// @param home the folder the program is installed in
record LaunchContext(
    Map<String, String> environment, Path directory, Path home, Terminal terminal) {
  LaunchContext {
    environment = Map.copyOf(environment);
  }
}
