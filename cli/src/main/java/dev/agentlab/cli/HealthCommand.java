package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.node.ObjectNode;

/// `health`: tells by its exit code whether the service is ready, for the health checks of
/// containers.
@Command(
    name = "health",
    description = {
      "Check that the service is ready, for health checks of containers. Needs no API key.",
      "Exits with 0 if it is ready, else with 3. Orchestrators that send HTTP requests use /readyz",
      "and /healthz instead."
    })
final class HealthCommand implements Callable<Integer> {
  private final CommandContext context;

  HealthCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    RawResponse response = context.api().getUnauthenticated("/readyz");
    boolean ready = response.status() == 200;
    String body = response.body().strip();
    if (!ready && !body.startsWith("NOT READY")) {
      throw new CommandFailure(
          ExitCode.FAILURE,
          "%s is not an agent-lab service: GET /readyz returned status %d"
              .formatted(response.uri(), response.status()));
    }
    ObjectNode result = Json.MAPPER.createObjectNode();
    result.put("ready", ready);
    result.put("detail", detail(body));
    context.print(result, () -> body);
    return (ready ? ExitCode.OK : ExitCode.UNREACHABLE).number();
  }

  /// The second line of the response.
  private static String detail(String body) {
    return body.lines().skip(1).findFirst().orElse("");
  }
}
