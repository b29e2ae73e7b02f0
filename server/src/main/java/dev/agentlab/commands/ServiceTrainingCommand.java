package dev.agentlab.commands;

import dev.agentlab.cli.CommandContext;
import dev.agentlab.cli.CommandFailure;
import dev.agentlab.cli.ExitCode;
import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.logging.LogLevel;
import dev.agentlab.logging.Logging;
import dev.agentlab.server.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `train-service`: runs the service until a program that uses it ends. The launcher calls it with
/// the training of the commands, while the JVMs of both record ahead-of-time (AOT) caches.
@Command(
    name = "train-service",
    hidden = true,
    description = "Run the service for one program while the JVM records an AOT cache.")
final class ServiceTrainingCommand implements Callable<Integer> {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  private final CommandContext context;

  @Parameters(index = "0", paramLabel = "FOLDER", description = "An empty folder.")
  private Path folder = Path.of("");

  @Parameters(index = "1..*", paramLabel = "PROGRAM", description = "The program.", arity = "1..*")
  private List<String> program = List.of();

  ServiceTrainingCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Config config =
        Config.load(
                context.launchContext().home(),
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
      runProgram(server.address().toString());
    } finally {
      server.shutdown(STOP_TIMEOUT);
    }
    return ExitCode.OK.number();
  }

  private void runProgram(String url) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(program).directory(folder.toFile()).inheritIO();
    builder.environment().put("AGENT_LAB_URL", url);
    int code = builder.start().waitFor();
    if (code != 0) {
      throw new CommandFailure(ExitCode.FAILURE, "the program failed with exit code " + code);
    }
  }
}
