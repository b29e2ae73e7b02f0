package dev.agentlab.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `key show`: all that is known about a key, which is not the key itself.
@Command(name = "show", description = "Show what is known about a key; not the key itself.")
final class KeyShowCommand implements Callable<Integer> {
  private final CommandContext session;

  @Parameters(paramLabel = "KEY", description = "Its name or id.")
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
