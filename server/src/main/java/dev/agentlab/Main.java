package dev.agentlab;

import dev.agentlab.cli.AgentLab;
import dev.agentlab.commands.ServiceCommands;

/// The entry point of the program.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(AgentLab.run(new ServiceCommands(), arguments));
  }
}
