package dev.agentlab.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `key rotate`: replaces the secret of an API key and keeps its id, name and scopes.
@Command(
    name = "rotate",
    description = {
      "Replace an API key and print the new key, which is shown only once. The name, ID and scopes"
          + " are kept.",
      ""
    })
final class KeyRotateCommand implements Callable<Integer> {
  private final CommandContext context;

  @Parameters(paramLabel = "KEY", description = "The name or ID of the key.")
  private String key = "";

  @Option(
      names = "--overlap",
      paramLabel = "DURATION",
      description = "How long the old key remains valid: 24h, 7d, 0.")
  private Optional<String> overlap = Optional.empty();

  KeyRotateCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Optional<String> span = overlap.map(text -> TimeOptions.parseDuration("--overlap", text));
    ApiClient api = context.api();
    KeysApi keys = new KeysApi(api);
    String id = keys.idOf(key);
    boolean own = keys.self().path("id").asString("").equals(id);
    JsonNode rotated = keys.rotate(id, span);
    context.print(rotated, () -> rotated.path("key").asString(""));
    context.printNote(
        """
        key %s, id %s; the old key %s
        the key is shown only once: store it where only its user can read it\
        """
            .formatted(
                rotated.path("name").asString(""),
                id,
                rotated
                    .path("previous_expires_at")
                    .stringValueOpt()
                    .map(time -> "remains valid until " + RelativeTime.truncateToSeconds(time))
                    .orElse("is no longer valid")));
    if (own && api.credential() instanceof ClientCredential.Present shown) {
      context.printNote("this is the API key in use: replace it in " + shown.place());
    }
    return ExitCode.OK.number();
  }
}
