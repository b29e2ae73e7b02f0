package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// The `route stats` command.
@Command(
    name = "stats",
    description = {
      "Compare the targets of a route by their calls of the last hour and of the last day. Needs the",
      "scope calls:read. Times are the median and the 95th percentile."
    })
final class RouteStatsCommand implements Callable<Integer> {
  private static final List<String> HEADINGS =
      List.of(
          "PERIOD",
          "TARGET",
          "CALLS",
          "FAILED",
          "MOVED",
          "BROKEN OFF",
          "FIRST CONTENT",
          "DURATION",
          "INPUT",
          "CACHED",
          "OUTPUT");

  private final CommandContext context;

  @Parameters(paramLabel = "ROUTE", description = "The name or id of the route.")
  private String route = "";

  RouteStatsCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ResourceClient routes = RevisionedResources.routes(context.api()).registry();
    JsonNode statistics = routes.get(route, "stats");
    context.printTable(statistics, () -> table(statistics));
    return ExitCode.OK.number();
  }

  private static Table table(JsonNode statistics) {
    List<List<String>> rows = new ArrayList<>();
    for (String period : List.of("hour", "day")) {
      JsonNode calls = statistics.path(period);
      rows.add(row(period, "all", calls.path("all")));
      calls
          .path("targets")
          .forEach(it -> rows.add(row(period, it.path("target").asString(""), it.path("totals"))));
    }
    return new Table(HEADINGS, rows);
  }

  private static List<String> row(String period, String target, JsonNode totals) {
    return List.of(
        period,
        target,
        totals.path("calls").asString(""),
        totals.path("failed").asString(""),
        totals.path("moved").asString(""),
        totals.path("ended_in_error").asString(""),
        times(totals.path("first_content")),
        times(totals.path("duration")),
        totals.at("/tokens/input").asString("-"),
        totals.at("/tokens/cached_input").asString("-"),
        totals.at("/tokens/output").asString("-"));
  }

  private static String times(JsonNode latency) {
    return latency.path("p50_us").isNumber()
        ? "%s, %s ms".formatted(milliseconds(latency, "p50_us"), milliseconds(latency, "p95_us"))
        : "-";
  }

  private static String milliseconds(JsonNode latency, String member) {
    return String.format(Locale.ROOT, "%.0f", latency.path(member).doubleValue() / 1_000);
  }
}
