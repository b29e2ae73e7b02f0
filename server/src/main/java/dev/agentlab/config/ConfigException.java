package dev.agentlab.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// The configuration is invalid. Has all errors; the message has one line for each, and one with
/// the folder if an error is in a file.
public final class ConfigException extends RuntimeException {
  private final transient List<ConfigError> errors;

  ConfigException(ConfigError error) {
    super(error.toString());
    this.errors = List.of(error);
  }

  /// @param folder of the configuration's files
  ConfigException(List<ConfigError> errors, Path folder) {
    super(
        errors.stream().map(ConfigError::toString).collect(Collectors.joining("\n"))
            + (errors.stream().anyMatch(ConfigError::isInFile)
                ? "\nthe configuration is read in " + folder.toAbsolutePath()
                : ""));
    this.errors = List.copyOf(errors);
  }

  /// The errors, at least one.
  public List<ConfigError> errors() {
    return errors;
  }
}
