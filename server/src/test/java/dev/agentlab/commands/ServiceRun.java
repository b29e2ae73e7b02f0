package dev.agentlab.commands;

import dev.agentlab.cli.CommandRun;
import dev.agentlab.cli.FakeService;
import java.nio.file.Path;

/// Runs of the program with all its commands, in the process of the test.
final class ServiceRun {
  private ServiceRun() {}

  /// Runs in a folder.
  static CommandRun.With in(Path folder) {
    return CommandRun.With.directory(folder).extension(new ServiceCommands());
  }

  /// Runs in a folder, with a service at its address.
  static CommandRun.With with(FakeService service, Path folder) {
    return CommandRun.With.service(service).in(folder).extension(new ServiceCommands());
  }
}
