package dev.agentlab.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// `key list`: lists API keys, including revoked and expired ones.
@Command(name = "list", description = "List API keys with their scopes and last use.")
final class KeyListCommand implements Callable<Integer> {
  private final CommandContext context;

  @Mixin private final SearchInput input = new SearchInput();

  KeyListCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    KeysApi keys = new KeysApi(context.api());
    JsonNode page = input.read(keys.registry());
    context.printTable(page, () -> KeyPrinter.table(page, keys));
    PageInput.notePosition(context, page, "keys");
    return ExitCode.OK.number();
  }
}
