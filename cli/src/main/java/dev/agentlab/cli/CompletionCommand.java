package dev.agentlab.cli;

import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// The `completion` command.
@Command(
    name = "completion",
    description = {
      "Print a completion script for a shell. To load it in the current one:",
      "",
      "  source <(agent-lab completion)             # bash",
      "  source <(agent-lab completion zsh)         # zsh",
      "  agent-lab completion fish | source         # fish",
      ""
    })
final class CompletionCommand implements Runnable {
  private final CommandContext context;
  private final Supplier<CommandLine> allCommands;

  @Parameters(
      index = "0",
      paramLabel = "SHELL",
      description = "One of bash, zsh, fish. Defaults to bash.",
      defaultValue = "bash")
  private String shell = "";

  CompletionCommand(CommandContext context, Supplier<CommandLine> allCommands) {
    this.context = context;
    this.allCommands = allCommands;
  }

  @Override
  public void run() {
    CommandLine commands = allCommands.get();
    String script =
        switch (shell) {
          case "bash" -> BashCompletion.bash(commands);
          case "zsh" -> BashCompletion.zsh(commands);
          case "fish" -> FishCompletion.of(commands);
          default ->
              throw new CommandFailure(
                  ExitCode.USAGE,
                  "SHELL must be one of bash, zsh, fish, was \"%s\"".formatted(shell));
        };
    context.terminal().out().print(script);
    context.terminal().out().flush();
  }
}
