package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `key revoke`: has a key never be accepted again.
@Command(
    name = "revoke",
    description = "Have a key never be accepted again. On a terminal, asks first.")
final class KeyRevokeCommand implements Callable<Integer> {
  private final CommandContext session;

  @Parameters(paramLabel = "KEY", description = "Its name or id.")
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
    String own = keys.self().path("id").asString("").equals(id) ? ", the key you call with" : "";
    consent.require(
        session.terminal(),
        "Revoke %s (%s)%s?".formatted(name, found.path("prefix").asString(id), own),
        "nothing was revoked");
    keys.registry().delete(read);
    session.print(Json.MAPPER.createObjectNode().put("revoked", id), () -> "revoked " + name);
    return ExitCode.OK.number();
  }
}
