package dev.agentlab.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `key show`: shows an API key without its secret.
@Command(name = "show", description = "Show the details of an API key, without its secret.")
final class KeyShowCommand implements Callable<Integer> {
  private final CommandContext session;

  @Parameters(paramLabel = "KEY", description = "The name or ID of the key.")
  private String key = "";

  KeyShowCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    KeysApi keys = new KeysApi(session.api());
    JsonNode found = keys.find(key).body();
    session.print(found, () -> KeyPrinter.text(found, keys));
    return ExitCode.OK.number();
  }
}
