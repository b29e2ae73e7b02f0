package dev.agentlab.cli;

/// The failure of a command because the configuration of the service is invalid.
public final class InvalidConfigFailure extends CommandFailure {
  public InvalidConfigFailure(String message) {
    super(ExitCode.INVALID_CONFIGURATION, message);
  }
}
