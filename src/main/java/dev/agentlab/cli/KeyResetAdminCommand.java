package dev.agentlab.cli;

import dev.agentlab.config.Config;
import dev.agentlab.json.Json;
import dev.agentlab.server.DatabaseMaintenance;
import dev.agentlab.vault.VaultException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `key reset-admin`: another admin key for an operator who has lost theirs, by the configuration
/// alone.
@Command(
    name = "reset-admin",
    description = {
      "Make a new admin key on the database itself, and print its file. Those made before are",
      "revoked. It needs no key, but the service's configuration and its key of stored secrets.",
      "The embedded database is started for it, so the service must not run; with an external one",
      "it may. On a terminal, asks first.",
      ""
    })
final class KeyResetAdminCommand implements Callable<Integer> {
  private final CommandContext session;

  @Mixin private final Confirmation consent = new Confirmation();

  KeyResetAdminCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    Config config = session.config();
    consent.require(
        session.terminal(),
        "Revoke the admin key and make a new one in %s?"
            .formatted(DatabaseMaintenance.adminKeyFile(config)),
        "nothing was changed");
    Path file = reset(config);
    session.print(
        Json.MAPPER.createObjectNode().put("file", file.toString()), () -> file.toString());
    session.note("the new admin key is in this file; those made before are revoked");
    return ExitCode.OK.number();
  }

  private static Path reset(Config config) throws InterruptedException {
    try {
      return DatabaseMaintenance.resetAdminKey(config);
    } catch (IOException | VaultException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
    }
  }
}
