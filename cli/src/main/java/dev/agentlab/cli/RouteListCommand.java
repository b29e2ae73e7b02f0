package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// The `route list` command.
@Command(name = "list", description = "List routes.")
final class RouteListCommand implements Callable<Integer> {
  private final CommandContext context;

  @Mixin private final SearchInput input = new SearchInput();

  RouteListCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    JsonNode page = input.read(RevisionedResources.routes(context.api()).registry());
    context.printTable(page, () -> table(page));
    PageInput.notePosition(context, page, "routes");
    return ExitCode.OK.number();
  }

  private static Table table(JsonNode page) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode route : page.path("data")) {
      rows.add(
          List.of(
              route.path("name").asString(""),
              RoutePrinter.targets(route.path("config")),
              route.path("revision").asString(""),
              route.path("id").asString(""),
              RelativeTime.format(route.path("updated_at").asString(""))));
    }
    return new Table(List.of("NAME", "TARGETS", "REVISION", "ID", "UPDATED"), rows);
  }
}
