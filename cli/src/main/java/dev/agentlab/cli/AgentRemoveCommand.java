package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// The `agent remove` command: removes an agent and its revisions.
@Command(
    name = "remove",
    description = "Remove an agent and its revisions. On a terminal, asks for confirmation.")
final class AgentRemoveCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "AGENT", description = "The name or id of the agent.")
  private String agent = "";

  @Mixin private final Confirmation confirmation = new Confirmation();

  AgentRemoveCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ResourceClient registry = RevisionedResources.agents(context.api()).registry();
    ApiResponse read = registry.find(agent);
    String name = read.body().path("name").asString("");
    String model = AgentPrinter.model(read.body().path("config"));
    confirmation.require(
        context.terminal(), "Remove %s (%s) with all its revisions?".formatted(name, model));
    registry.delete(read);
    context.print(
        Json.MAPPER.createObjectNode().put("removed", read.body().path("id").asString("")),
        () -> "removed " + name);
    return ExitCode.OK.number();
  }
}
