package dev.agentlab.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// `key list`: lists API keys, including revoked and expired ones.
@Command(name = "list", description = "List API keys with their scopes and last use.")
final class KeyListCommand implements Callable<Integer> {
  private final CommandContext session;

  @Mixin private final SearchInput input = new SearchInput();

  KeyListCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    KeysApi keys = new KeysApi(session.api());
    JsonNode page = input.read(keys.registry());
    session.printTable(page, () -> KeyPrinter.table(page, keys));
    PageInput.note(session, page, "keys");
    return ExitCode.OK.number();
  }
}
