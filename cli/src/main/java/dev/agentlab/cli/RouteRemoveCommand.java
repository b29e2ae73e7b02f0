package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// The `route remove` command: removes a route and its revisions.
@Command(
    name = "remove",
    description = "Remove a route and its revisions. On a terminal, asks for confirmation.")
final class RouteRemoveCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "ROUTE", description = "The name or id of the route.")
  private String route = "";

  @Mixin private final Confirmation confirmation = new Confirmation();

  RouteRemoveCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ResourceClient registry = RevisionedResources.routes(context.api()).registry();
    ApiResponse read = registry.find(route);
    String name = read.body().path("name").asString("");
    String targets = RoutePrinter.targets(read.body().path("config"));
    confirmation.require(
        context.terminal(), "Remove %s (%s) with all its revisions?".formatted(name, targets));
    registry.delete(read);
    context.print(
        Json.MAPPER.createObjectNode().put("removed", read.body().path("id").asString("")),
        () -> "removed " + name);
    return ExitCode.OK.number();
  }
}
