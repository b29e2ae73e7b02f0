package dev.agentlab.config;

import java.util.List;
import java.util.stream.Collectors;

/// A configuration the service cannot start with. Carries every fault found; the message has a line
/// for each.
public final class ConfigException extends RuntimeException {
  private final transient List<ConfigFault> faults;

  ConfigException(List<ConfigFault> faults) {
    super(faults.stream().map(ConfigFault::toString).collect(Collectors.joining("\n")));
    this.faults = List.copyOf(faults);
  }

  /// The faults, at least one.
  public List<ConfigFault> faults() {
    return faults;
  }
}
