package dev.agentlab.commands;

import dev.agentlab.cli.AgentLab;
import dev.agentlab.cli.CommandContext;
import dev.agentlab.cli.CommandFailure;
import dev.agentlab.cli.ExitCode;
import dev.agentlab.cli.LaunchContext;
import dev.agentlab.cli.Terminal;
import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.logging.LogLevel;
import dev.agentlab.logging.Logging;
import dev.agentlab.server.Server;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `train`: runs a service and the usual commands on it in one process. The launcher calls it while
/// the JVM records which classes and methods are used, for an ahead-of-time (AOT) cache that makes
/// starts fast.
@Command(
    name = "train",
    hidden = true,
    description = "Exercise the program while the JVM records an AOT cache.")
final class AotTrainingCommand implements Callable<Integer> {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

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
          List.of("agent", "chat", "trained", "hello"),
          List.of("key", "list"),
          List.of("key", "self"),
          List.of("audit", "list"),
          List.of("audit", "verify"),
          List.of("secrets", "status"),
          List.of("config"),
          List.of("agent", "remove", "trained", "--yes"),
          List.of("provider", "remove", "trained", "--yes"));

  private final CommandContext context;

  @Parameters(paramLabel = "FOLDER", description = "An empty folder for the data.")
  private Path folder = Path.of("");

  AotTrainingCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Path home = context.launchContext().home();
    Config config =
        Config.load(
                home,
                Map.of(
                    "SERVER_HOST",
                    "127.0.0.1",
                    "SERVICE_DATA_DIR",
                    folder.resolve("data").toAbsolutePath().toString()))
            .with(Settings.SERVER_PORT, 0);
    Logging.configure(LogLevel.WARN, config.get(Settings.LOGGING_FORMAT));
    Server server = new Server(config);
    server.start();
    try {
      server.awaitStartup();
      for (List<String> command : COMMANDS) {
        run(command, server, home);
      }
    } finally {
      server.shutdown(STOP_TIMEOUT);
    }
    return ExitCode.OK.number();
  }

  private void run(List<String> command, Server server, Path home) {
    StringWriter output = new StringWriter();
    PrintWriter out = new PrintWriter(output);
    Terminal terminal =
        new Terminal(out, out, InputStream.nullInputStream(), Optional.empty(), false);
    LaunchContext launch =
        new LaunchContext(
            Map.of("AGENT_LAB_URL", server.address().toString()), folder, home, terminal);
    int code = AgentLab.run(new ServiceCommands(), launch, command.toArray(String[]::new));
    if (code != 0) {
      throw new CommandFailure(
          ExitCode.FAILURE, "%s failed: %s".formatted(String.join(" ", command), output));
    }
  }
}
