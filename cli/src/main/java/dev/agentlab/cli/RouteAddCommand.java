package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `route add` command.
@Command(
    name = "add",
    description = {
      "Add a route.",
      "",
      "  agent-lab route add smart --target openai/gpt-5,weight=3 --target azure-eu/gpt-5",
      "  agent-lab route add --file route.json --agent helper,priority=2",
      ""
    })
final class RouteAddCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The name of the route.")
  private Optional<String> name = Optional.empty();

  @Mixin private final RouteFlags flags = new RouteFlags();

  RouteAddCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    JsonNode file = flags.file(context.launchContext()).orElse(Json.MAPPER.missingNode());
    ObjectNode config = flags.applyTo(file.path("config"));
    String chosenName = name.orElse(file.path("name").asString(""));
    if (chosenName.isEmpty() || config.path("targets").isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, "NAME and at least one --target or --agent are required, or --file");
    }
    ObjectNode route = Json.MAPPER.createObjectNode().put("name", chosenName);
    route.set("config", config);
    JsonNode stored = RevisionedResources.routes(context.api()).registry().create(route);
    context.printWarnings(stored);
    context.print(
        stored,
        () ->
            "added %s, id %s"
                .formatted(stored.path("name").asString(""), stored.path("id").asString("")));
    return ExitCode.OK.number();
  }
}
