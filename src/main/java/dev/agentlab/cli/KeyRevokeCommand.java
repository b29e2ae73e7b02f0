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
  private final CommandContext session;

  @Parameters(paramLabel = "KEY", description = "The name or ID of the key.")
  private String key = "";

  @Mixin private final Confirmation consent = new Confirmation();

  KeyRevokeCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    KeysApi keys = new KeysApi(session.api());
    ApiAnswer read = keys.find(key);
    JsonNode found = read.body();
    String name = found.path("name").asString("");
    String id = found.path("id").asString("");
    String own = keys.self().path("id").asString("").equals(id) ? ", the API key in use" : "";
    consent.require(
        session.terminal(),
        "Revoke %s (%s)%s?".formatted(name, found.path("prefix").asString(id), own),
        "nothing was revoked");
    keys.registry().delete(read);
    session.print(Json.MAPPER.createObjectNode().put("revoked", id), () -> "revoked " + name);
    return ExitCode.OK.number();
  }
}
