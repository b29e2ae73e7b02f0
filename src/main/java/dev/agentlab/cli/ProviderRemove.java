package dev.agentlab.cli;

import dev.agentlab.cli.Terminal.Keyboard;
import dev.agentlab.json.Json;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `provider remove`: forgets a provider.
@Command(name = "remove", description = "Remove a provider. On a terminal, asks first.")
final class ProviderRemove implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "PROVIDER", description = "Its name or id.")
  private String provider = "";

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  ProviderRemove(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Providers providers = new Providers(session.api());
    JsonNode found = providers.find(provider).body();
    String name = found.path("name").asString("");
    Optional<Keyboard> keyboard = session.terminal().keyboard();
    if (!yes && keyboard.isPresent() && !agreed(keyboard.get(), found)) {
      throw new Failure(ExitCode.FAILURE, "nothing was removed");
    }
    String id = found.path("id").asString("");
    providers.delete(id);
    session.print(Json.MAPPER.createObjectNode().put("removed", id), () -> "removed " + name);
    return ExitCode.OK.number();
  }

  private static boolean agreed(Keyboard keyboard, JsonNode provider) {
    String question =
        "Remove %s (%s)? [y/N] "
            .formatted(
                provider.path("name").asString(""),
                provider.path("config").path("base_url").asString(""));
    String answer = keyboard.line(Terminal.clean(question)).orElse("");
    return Set.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
  }
}
