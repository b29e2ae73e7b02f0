package dev.agentlab.config;

import java.util.List;
import java.util.stream.Collectors;

/// The configuration is invalid. Has all errors; the message has one line for each.
public final class ConfigException extends RuntimeException {
  private final transient List<ConfigError> errors;

  ConfigException(List<ConfigError> faults) {
    super(faults.stream().map(ConfigError::toString).collect(Collectors.joining("\n")));
    this.errors = List.copyOf(faults);
  }

  /// The errors, at least one.
  public List<ConfigError> errors() {
    return errors;
  }
}
