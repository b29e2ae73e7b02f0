package dev.agentlab.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

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

  @Spec private @Nullable CommandSpec spec;

  CompletionCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public void run() {
    CommandLine root = Objects.requireNonNull(spec).root().commandLine();
    context.terminal().out().print(AutoComplete.bash("agent-lab", root));
    context.terminal().out().flush();
  }
}
