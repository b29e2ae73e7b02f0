package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// The `route revisions` command.
@Command(name = "revisions", description = "List the revisions of a route, newest first.")
final class RouteRevisionsCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "ROUTE", description = "The name or id of the route.")
  private String route = "";

  @Mixin private final PageInput pages = new PageInput();

  RouteRevisionsCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ApiClient api = context.api();
    JsonNode page = pages.read(api, RevisionedResources.routes(api).revisionsPath(route), Map.of());
    context.printTable(page, () -> table(page));
    PageInput.notePosition(context, page, "revisions");
    return ExitCode.OK.number();
  }

  private static Table table(JsonNode page) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode revision : page.path("data")) {
      rows.add(
          List.of(
              revision.path("revision").asString(""),
              revision.path("name").asString(""),
              RoutePrinter.targets(revision.path("config")),
              RelativeTime.format(revision.path("created_at").asString(""))));
    }
    return new Table(List.of("REVISION", "NAME", "TARGETS", "CREATED"), rows);
  }
}
