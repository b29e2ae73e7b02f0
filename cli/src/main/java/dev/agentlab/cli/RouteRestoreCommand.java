package dev.agentlab.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// The `route restore` command.
@Command(
    name = "restore",
    description = "Restore a route to an earlier revision. The result is a new revision.")
final class RouteRestoreCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(index = "0", paramLabel = "ROUTE", description = "The name or id of the route.")
  private String route = "";

  @Parameters(
      index = "1",
      paramLabel = "REVISION",
      description = "The revision; `agent-lab route revisions` lists them.")
  private long revision;

  RouteRestoreCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    RevisionedResources routes = RevisionedResources.routes(context.api());
    JsonNode restored = routes.restore(routes.registry().find(route), revision);
    context.print(restored, () -> ResourcePrinter.restored(restored, revision));
    return ExitCode.OK.number();
  }
}
