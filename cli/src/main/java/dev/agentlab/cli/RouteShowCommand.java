package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// The `route show` command.
@Command(name = "show", description = "Show a route or one of its revisions.")
final class RouteShowCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "ROUTE", description = "The name or id of the route.")
  private String route = "";

  @Option(
      names = "--revision",
      paramLabel = "N",
      description = "The revision to show; the newest by default.")
  private Optional<Long> revision = Optional.empty();

  RouteShowCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    RevisionedResources routes = RevisionedResources.routes(context.api());
    JsonNode found =
        revision
            .map(number -> routes.findRevision(route, number))
            .orElseGet(() -> routes.registry().find(route).body());
    context.print(found, () -> text(found));
    return ExitCode.OK.number();
  }

  private static String text(JsonNode route) {
    List<List<String>> rows = new ArrayList<>();
    ResourcePrinter.addIfPresent(rows, route, "id");
    ResourcePrinter.addIfPresent(rows, route, "revision");
    rows.addAll(RoutePrinter.rows(route.path("config")));
    ResourcePrinter.addIfPresent(rows, route, "created_at");
    ResourcePrinter.addIfPresent(rows, route, "updated_at");
    return new Table(List.of("name", route.path("name").asString("")), rows).text();
  }
}
