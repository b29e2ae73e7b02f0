package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `key revoke`: revokes an API key permanently.
@Command(
    name = "revoke",
    description = "Revoke an API key permanently. Asks for confirmation on a terminal.")
final class KeyRevokeCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "KEY", description = "The name or ID of the key.")
  private String key = "";

  @Mixin private final Confirmation confirmation = new Confirmation();

  KeyRevokeCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    KeysApi keys = new KeysApi(context.api());
    ApiResponse read = keys.find(key);
    JsonNode found = read.body();
    String name = found.path("name").asString("");
    String id = found.path("id").asString("");
    String own = keys.self().path("id").asString("").equals(id) ? ", the API key in use" : "";
    confirmation.require(
        context.terminal(),
        "Revoke %s (%s)%s?".formatted(name, found.path("prefix").asString(id), own),
        "nothing was revoked");
    keys.registry().delete(read);
    context.print(Json.MAPPER.createObjectNode().put("revoked", id), () -> "revoked " + name);
    return ExitCode.OK.number();
  }
}
