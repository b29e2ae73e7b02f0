package dev.agentlab.commands;

import dev.agentlab.cli.CommandContext;
import dev.agentlab.cli.CommandFailure;
import dev.agentlab.cli.Confirmation;
import dev.agentlab.cli.ExitCode;
import dev.agentlab.config.Config;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.json.Json;
import dev.agentlab.server.DatabaseMaintenance;
import dev.agentlab.vault.VaultException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `key reset-admin`: replaces a lost admin key. It requires the configuration of the service, but
/// no API key.
@Command(
    name = "reset-admin",
    description = {
      "Create a new admin key in the database and print the path of its file. Earlier admin keys"
          + " are revoked. Requires the service's configuration and key-encryption key, but no API key."
          + " Starts an embedded database, so the service must not be running; with an external"
          + " database it may be. Asks for confirmation on a terminal.",
      ""
    })
final class KeyResetAdminCommand implements Callable<Integer> {
  private final CommandContext context;

  @Mixin private final Confirmation confirmation = new Confirmation();

  KeyResetAdminCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Config config = ServiceCommands.config(context);
    confirmation.require(
        context.terminal(),
        "Revoke the admin key and create a new one in %s?"
            .formatted(DatabaseMaintenance.adminKeyFile(config)),
        "nothing was changed");
    Path file = reset(config);
    context.print(
        Json.MAPPER.createObjectNode().put("file", file.toString()), () -> file.toString());
    context.printNote("the new admin key is in this file; earlier admin keys are revoked");
    return ExitCode.OK.number();
  }

  private static Path reset(Config config) throws InterruptedException {
    try {
      return DatabaseMaintenance.resetAdminKey(config);
    } catch (IOException | VaultException | DatabaseException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()));
    }
  }
}
