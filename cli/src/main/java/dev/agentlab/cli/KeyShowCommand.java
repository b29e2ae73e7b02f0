package dev.agentlab.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `key show`: shows an API key without its secret.
@Command(name = "show", description = "Show the details of an API key, without its secret.")
final class KeyShowCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "KEY", description = "The name or ID of the key.")
  private String key = "";

  KeyShowCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    KeysApi keys = new KeysApi(context.api());
    JsonNode found = keys.find(key).body();
    context.print(found, () -> KeyPrinter.text(found, keys));
    return ExitCode.OK.number();
  }
}
