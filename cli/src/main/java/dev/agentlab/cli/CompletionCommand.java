package dev.agentlab.cli;

import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `completion` command.
@Command(
    name = "completion",
    description = {
      "Print a completion script for bash and zsh. To load it in the current shell:",
      "",
      "  source <(./agent-lab completion)",
      ""
    })
final class CompletionCommand implements Runnable {
  private final CommandContext context;
  private final Supplier<CommandLine> allCommands;

  CompletionCommand(CommandContext context, Supplier<CommandLine> allCommands) {
    this.context = context;
    this.allCommands = allCommands;
  }

  @Override
  public void run() {
    context.terminal().out().print(AutoComplete.bash("agent-lab", allCommands.get()));
    context.terminal().out().flush();
  }
}
