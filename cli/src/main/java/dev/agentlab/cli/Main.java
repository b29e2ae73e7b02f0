package dev.agentlab.cli;

/// The entry point of the commands that need only the service's API. It starts faster than the
/// whole program, because its class path is short.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    // Meanwhile this thread builds the model of the command, which takes about as long.
    Thread.ofPlatform().daemon().start(ApiClient::initialize);
    System.exit(AgentLab.run(CommandExtension.NONE, arguments));
  }
}
