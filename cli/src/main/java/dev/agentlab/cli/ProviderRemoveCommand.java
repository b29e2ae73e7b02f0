package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `provider remove`: deletes a provider.
@Command(name = "remove", description = "Remove a provider. Asks for confirmation on a terminal.")
final class ProviderRemoveCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "PROVIDER", description = "The name or ID of the provider.")
  private String provider = "";

  @Mixin private final Confirmation confirmation = new Confirmation();

  ProviderRemoveCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ResourceClient registry = new ProvidersApi(context.api()).registry();
    ApiResponse read = registry.find(provider);
    String name = read.body().path("name").asString("");
    String place = ProvidersApi.describeTarget(read.body().path("config"));
    confirmation.require(context.terminal(), "Remove %s (%s)?".formatted(name, place));
    registry.delete(read);
    context.print(
        Json.MAPPER.createObjectNode().put("removed", read.body().path("id").asString("")),
        () -> "removed " + name);
    return ExitCode.OK.number();
  }
}
