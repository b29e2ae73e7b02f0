package dev.agentlab.cli;

import dev.agentlab.net.PercentEncoding;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// The `calls get` command.
@Command(
    name = "get",
    description = "Show a model call: its attempts, the decision of its route, tokens and times.")
final class CallsGetCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(
      paramLabel = "ID",
      description = "The ID of the call, of its HTTP request, or of its provider.")
  private String id = "";

  CallsGetCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    JsonNode call =
        context.api().get(CallsListCommand.PATH + "/" + PercentEncoding.encode(id)).body();
    context.print(call, () -> CallPrinter.text(call));
    return ExitCode.OK.number();
  }
}
