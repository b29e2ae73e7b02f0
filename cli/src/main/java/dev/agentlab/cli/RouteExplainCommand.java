package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `route explain` command.
@Command(
    name = "explain",
    description = {
      "Show where a route would send a request, and why. Calls nothing.",
      "",
      "  agent-lab route explain smart --session 7f3a",
      "  agent-lab route explain smart --dialect anthropic --file request.json",
      ""
    })
final class RouteExplainCommand implements Callable<Integer> {
  private static final String SESSION_HEADER = "Agent-Lab-Session";

  private final CommandContext context;

  @Parameters(paramLabel = "ROUTE", description = "The name or id of the route.")
  private String route = "";

  @Option(
      names = "--dialect",
      paramLabel = "API",
      description =
          "The API of the client: openai, responses, anthropic, gemini or embeddings. Default:"
              + " openai.")
  private String dialect = "openai";

  @Option(
      names = "--session",
      paramLabel = "ID",
      description = "The session of the request. Without one, each decision is drawn anew.")
  private Optional<String> session = Optional.empty();

  @Option(
      names = "--header",
      paramLabel = "NAME=VALUE",
      description = "A header field of the request; may be repeated.")
  private Map<String, String> headers = new LinkedHashMap<>();

  @Option(
      names = "--file",
      paramLabel = "PATH",
      description =
          "A JSON file with the body of the request, or - for standard input; a short message by"
              + " default.")
  private Optional<String> file = Optional.empty();

  RouteExplainCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ObjectNode request = Json.MAPPER.createObjectNode().put("dialect", dialect);
    request.set("headers", fields());
    request.set(
        "body",
        file.map(name -> InputFile.readJson(name, context.launchContext()))
            .orElseGet(this::shortRequest));
    ResourceClient routes = RevisionedResources.routes(context.api()).registry();
    JsonNode explanation = routes.post(route, "explain", request);
    context.printTable(explanation, () -> table(explanation));
    if (!explanation.path("target").isString()) {
      context.printNote("no target would be called");
    }
    return ExitCode.OK.number();
  }

  private ObjectNode fields() {
    ObjectNode fields = Json.MAPPER.createObjectNode();
    headers.forEach(fields::put);
    session.ifPresent(id -> fields.put(SESSION_HEADER, id));
    return fields;
  }

  /// A request with a short message; the service rejects a dialect that it does not know.
  private JsonNode shortRequest() {
    return Json.MAPPER.readTree(
        switch (dialect) {
          case "responses", "embeddings" -> "{\"input\": \"Hello\"}";
          case "gemini" -> "{\"contents\": [{\"parts\": [{\"text\": \"Hello\"}]}]}";
          default ->
              "{\"max_tokens\": 100, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}";
        });
  }

  private static Table table(JsonNode explanation) {
    Map<String, String> reasons = new HashMap<>();
    explanation
        .path("skipped")
        .forEach(it -> reasons.put(it.path("target").asString(""), it.path("reason").asString("")));
    String chosen = explanation.path("target").asString("");
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode ordered : explanation.path("order")) {
      String target = ordered.asString("");
      String reason = reasons.remove(target);
      String decision = target.equals(chosen) ? "is called" : "";
      rows.add(List.of(target, reason == null ? decision : "skipped: " + reason));
    }
    // Those whose configuration cannot be used have no place in the order.
    explanation
        .path("skipped")
        .valueStream()
        .map(it -> it.path("target").asString(""))
        .filter(reasons::containsKey)
        .forEach(target -> rows.add(List.of(target, "skipped: " + reasons.get(target))));
    return new Table(List.of("TARGETS IN ORDER", "DECISION"), rows);
  }
}
