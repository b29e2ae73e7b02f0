package dev.agentlab.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `train`: runs the usual commands in one process, on an empty service. The launcher calls it
/// while the JVM records an ahead-of-time (AOT) cache.
@Command(
    name = "train",
    hidden = true,
    description = "Run the usual commands while the JVM records an AOT cache.")
final class AotTrainingCommand implements Callable<Integer> {
  private static final List<List<String>> COMMANDS =
      List.of(
          List.of(
              "provider", "add", "trained", "--kind", "simulated", "--option", "time_per_token=0"),
          List.of("provider", "test", "trained"),
          List.of("provider", "list"),
          List.of("provider", "list", "--json"),
          List.of("provider", "show", "trained"),
          List.of("provider", "models", "trained"),
          List.of("provider", "kinds"),
          List.of("agent", "add", "trained", "--provider", "trained", "--model", "simulated"),
          List.of("agent", "list"),
          List.of("agent", "show", "trained"),
          List.of("agent", "revisions", "trained"),
          List.of("connect", "openai", "--model", "trained", "--test"),
          List.of("key", "list"),
          List.of("key", "self"),
          List.of("calls", "list"),
          List.of("audit", "list"),
          List.of("audit", "verify"),
          List.of("secrets", "status"),
          List.of("agent", "remove", "trained", "--yes"),
          List.of("provider", "remove", "trained", "--yes"));

  private final CommandContext context;

  AotTrainingCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    COMMANDS.forEach(this::run);
    return ExitCode.OK.number();
  }

  private void run(List<String> command) {
    StringWriter output = new StringWriter();
    PrintWriter out = new PrintWriter(output);
    Terminal terminal =
        new Terminal(out, out, InputStream.nullInputStream(), Optional.empty(), false);
    LaunchContext launch = context.launchContext();
    int code =
        AgentLab.run(
            CommandExtension.NONE,
            new LaunchContext(launch.environment(), launch.directory(), launch.home(), terminal),
            command.toArray(String[]::new));
    if (code != 0) {
      throw new CommandFailure(
          ExitCode.FAILURE, "%s failed: %s".formatted(String.join(" ", command), output));
    }
  }
}
