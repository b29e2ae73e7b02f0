package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `route update` command.
@Command(
    name = "update",
    description = {
      "Update a route. Changes only what the flags set, and creates a new revision.",
      "",
      "  agent-lab route update smart --target openai/gpt-5 --target local/llama3.2,priority=2",
      "  agent-lab route update smart --unset temperature",
      ""
    })
final class RouteUpdateCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "ROUTE", description = "The name or id of the route.")
  private String route = "";

  @Option(names = "--name", paramLabel = "NAME", description = "The new name.")
  private Optional<String> name = Optional.empty();

  @Mixin private final RouteFlags flags = new RouteFlags();

  @Option(
      names = "--unset",
      paramLabel = "KEY",
      description = "A default request option to remove; may be repeated.")
  private List<String> unset = new ArrayList<>();

  RouteUpdateCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (name.isEmpty() && flags.isEmpty() && unset.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "nothing to update; pass --name, --target or another flag");
    }
    ResourceClient routes = RevisionedResources.routes(context.api()).registry();
    JsonNode file = flags.file(context.launchContext()).orElse(Json.MAPPER.missingNode());
    ApiResponse read = routes.find(route);
    JsonNode base = file.isMissingNode() ? read.body().path("config") : file.path("config");
    ObjectNode config = flags.applyTo(base);
    if (config.path("parameters").path("defaults") instanceof ObjectNode defaults) {
      defaults.remove(unset);
    }
    String currentName = file.path("name").asString(read.body().path("name").asString(""));
    ObjectNode changed = Json.MAPPER.createObjectNode().put("name", name.orElse(currentName));
    changed.set("config", config);
    JsonNode stored = routes.replace(read, changed);
    context.printWarnings(stored);
    context.print(stored, () -> ResourcePrinter.updated(read.body(), stored));
    return ExitCode.OK.number();
  }
}
