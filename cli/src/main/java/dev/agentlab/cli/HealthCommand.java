package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `health`: reports by its exit code whether the service is ready, for the health checks of
/// containers and for scripts that wait for a start.
@Command(
    name = "health",
    description = {
      "Check that the service is ready, for health checks of containers. Needs no API key.",
      "Exits with 0 if it is ready, else with 3. Orchestrators that send HTTP requests use /readyz",
      "and /healthz instead.",
      "",
      "  agent-lab health --wait 60s      # after a start",
      ""
    })
final class HealthCommand implements Callable<Integer> {
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(250);

  private final CommandContext context;

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      description = "How long to wait until the service is ready, such as 60s. Defaults to 0s.")
  private Optional<String> wait = Optional.empty();

  HealthCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Duration limit =
        wait.map(text -> TimeOptions.parseNonNegative("--wait", text)).orElse(Duration.ZERO);
    ApiClient api = context.api();
    Optional<WaitingNote> note = context.startWaitingNote("the service");
    ObjectNode result;
    String text;
    try {
      RawResponse response = awaitReady(api, limit);
      text = response.body().strip();
      result =
          Json.MAPPER
              .createObjectNode()
              .put("ready", isReady(response))
              .put("detail", detail(text));
    } finally {
      note.ifPresent(WaitingNote::close);
    }
    context.print(result, () -> text);
    return (result.path("ready").asBoolean() ? ExitCode.OK : ExitCode.UNREACHABLE).number();
  }

  /// Checks the service until it is ready, or the time has elapsed.
  ///
  /// @return the last response
  /// @throws CommandFailure if the service is unreachable at the end of the time, or the response
  ///   is not one of this program
  private static RawResponse awaitReady(ApiClient api, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        RawResponse response = check(api);
        if (isReady(response) || System.nanoTime() >= deadline) {
          return response;
        }
      } catch (CommandFailure e) {
        if (e.code() != ExitCode.UNREACHABLE || System.nanoTime() >= deadline) {
          throw e;
        }
      }
      Thread.sleep(CHECK_INTERVAL);
    }
  }

  private static RawResponse check(ApiClient api) {
    RawResponse response = api.getUnauthenticated("/readyz");
    if (!isReady(response) && !response.body().strip().startsWith("NOT READY")) {
      throw new CommandFailure(
          ExitCode.FAILURE,
          "%s is not an agent-lab service: GET /readyz returned status %d"
              .formatted(response.uri(), response.status()));
    }
    return response;
  }

  private static boolean isReady(RawResponse response) {
    return response.status() == 200;
  }

  /// The second line of the response.
  private static String detail(String body) {
    return body.lines().skip(1).findFirst().orElse("");
  }
}
