package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/// `secrets rotate`: rotates the key-encryption key while the service runs.
@Command(
    name = "rotate",
    description = {
      "Rotate the key-encryption key of stored secrets while the service runs.",
      "",
      "If the key is in data_dir/master.key, the service creates the new key. If secrets.key is"
          + " set, first set it to a new key, add the old key to secrets.previous_keys and restart the"
          + " service; the command then lists the old keys that are no longer needed.",
      "",
      "If a running replica cannot read the new key, the old key stays in use, and the command"
          + " fails with the address of the replica and the required steps. Run the command again"
          + " afterwards.",
      ""
    })
final class SecretsRotateCommand implements Callable<Integer> {
  /// Long, because many rows may have to be rewrapped.
  private static final Duration ROTATION_TIMEOUT = Duration.ofHours(1);

  private final CommandContext context;

  SecretsRotateCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ApiClient api = context.api();
    JsonNode result =
        api.post(SecretsStatusCommand.PATH + "/rotate", Json.MAPPER.missingNode(), ROTATION_TIMEOUT)
            .body();
    context.print(result, () -> text(result, api));
    return ExitCode.OK.number();
  }

  private static String text(JsonNode result, ApiClient api) {
    String first =
        "%s rewrapped with the key %s"
            .formatted(
                formatCount(result.path("rewrapped").asLong(0)), result.path("key").asString(""));
    List<String> unused =
        result.path("unused_keys").valueStream().map(key -> key.asString("")).toList();
    return unused.isEmpty()
        ? first
        : "%s\nno longer needed%s: %s"
            .formatted(first, formatRemoval(api), String.join(", ", unused));
  }

  private static String formatCount(long count) {
    return count == 1 ? "1 data key" : count + " data keys";
  }

  /// Where unused keys can be removed, or were removed.
  private static String formatRemoval(ApiClient api) {
    String source = api.get(SecretsStatusCommand.PATH).body().path("source").asString("");
    return source.equals("file")
        ? ", removed from master.key"
        : "; remove them from secrets.previous_keys";
  }
}
