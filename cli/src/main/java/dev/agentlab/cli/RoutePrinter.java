package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Renders parts of route configurations as text.
final class RoutePrinter {
  private RoutePrinter() {}

  /// The targets of a route on one line.
  static String targets(JsonNode config) {
    return config
        .path("targets")
        .valueStream()
        .map(RoutePrinter::target)
        .collect(Collectors.joining(", "));
  }

  /// What a target calls, as in `openai/gpt-5` or `agent helper`.
  static String target(JsonNode target) {
    return target.has("agent_id")
        ? "agent " + nameOrId(target, "agent")
        : "%s/%s".formatted(nameOrId(target, "provider"), target.path("model").asString(""));
  }

  /// The name of a provider or agent, or the id of one that has been deleted.
  private static String nameOrId(JsonNode target, String kind) {
    return target.path(kind).asString(target.path(kind + "_id").asString(""));
  }

  /// The rows of a configuration, each with a name and a value.
  static List<List<String>> rows(JsonNode config) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode target : config.path("targets")) {
      rows.add(
          List.of(
              "target",
              "%s, weight %s, priority %s"
                  .formatted(
                      target(target),
                      target.path("weight").asString("1"),
                      target.path("priority").asString("1"))));
    }
    String causes =
        config
            .path("fallback_on")
            .valueStream()
            .map(cause -> cause.asString(""))
            .collect(Collectors.joining(", "));
    rows.add(List.of("fallback_on", causes.isEmpty() ? "none" : causes));
    Optional.of(config.path("first_content_timeout").asString(""))
        .filter(timeout -> !timeout.isEmpty())
        .ifPresent(timeout -> rows.add(List.of("first_content_timeout", timeout)));
    rows.add(List.of("affinity", config.path("affinity").asString("")));
    ResourcePrinter.settings("", config.path("parameters"))
        .filter(row -> !row.getLast().equals("{}"))
        .forEach(rows::add);
    return rows;
  }
}
