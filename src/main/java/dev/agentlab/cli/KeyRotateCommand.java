package dev.agentlab.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `key rotate`: puts another secret in the place of a key's, under the same id and name.
@Command(
    name = "rotate",
    description = {
      "Replace a key and print the new one, which is shown this once. Name, id and scopes stay.",
      ""
    })
final class KeyRotateCommand implements Callable<Integer> {
  private final CommandContext session;

  @Parameters(paramLabel = "KEY", description = "Its name or id.")
  private String key = "";

  @Option(
      names = "--overlap",
      paramLabel = "SPAN",
      description = "How long the old one is still accepted: 24h, 7d, 0.")
  private Optional<String> overlap = Optional.empty();

  KeyRotateCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Optional<String> span = overlap.map(text -> TimeOptions.duration("--overlap", text));
    ApiClient api = session.api();
    KeysApi keys = new KeysApi(api);
    String id = keys.idOf(key);
    boolean own = keys.self().path("id").asString("").equals(id);
    JsonNode rotated = keys.rotate(id, span);
    session.print(rotated, () -> rotated.path("key").asString(""));
    session.note(
        """
        key %s, id %s; the old one %s
        it is shown this once: keep it where only its user can read it\
        """
            .formatted(
                rotated.path("name").asString(""),
                id,
                rotated
                    .path("previous_expires_at")
                    .stringValueOpt()
                    .map(time -> "is accepted until " + RelativeTime.toTheSecond(time))
                    .orElse("is no longer accepted")));
    if (own && api.credential() instanceof ClientCredential.Shown shown) {
      session.note("this is the key you call with: put the new one into " + shown.place());
    }
    return ExitCode.OK.number();
  }
}
