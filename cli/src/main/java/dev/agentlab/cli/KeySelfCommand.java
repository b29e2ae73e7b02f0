package dev.agentlab.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/// `key self`: shows the current caller and its scopes.
@Command(name = "self", description = "Show the current caller and its scopes.")
final class KeySelfCommand implements Callable<Integer> {
  private final CommandContext context;

  KeySelfCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ApiClient api = context.api();
    KeysApi keys = new KeysApi(api);
    JsonNode self = keys.self();
    context.print(self, () -> text(self, keys));
    context.printNote(
        switch (api.credential()) {
          case ClientCredential.Present shown -> "authenticated by the key in " + shown.place();
          case ClientCredential.Missing(String why) -> "no API key: " + why;
        });
    return ExitCode.OK.number();
  }

  private static String text(JsonNode self, KeysApi keys) {
    List<List<String>> rows = new ArrayList<>();
    for (String member : List.of("kind", "id")) {
      rows.add(List.of(member, self.path(member).asString("")));
    }
    rows.add(List.of("scopes", keys.formatScopes(self)));
    return new Table(List.of("name", self.path("name").asString("")), rows).text();
  }
}
