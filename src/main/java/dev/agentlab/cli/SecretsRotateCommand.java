package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/// `secrets rotate`: brings all stored secrets under the newest key, while the service runs.
@Command(
    name = "rotate",
    description = {
      "Bring all stored secrets under a new key, while the service runs.",
      "",
      "Where the key is in data_dir/master.key, the service makes the new one. Where secrets.key is",
      "set, first put a new one there and the old one into secrets.previous_keys, and restart the",
      "service: this then says which of the old may go.",
      "",
      "While a running replica cannot read the new key, the old one stays in use, and this names the",
      "replica, says what to do and fails. Run it again afterwards.",
      ""
    })
final class SecretsRotateCommand implements Callable<Integer> {
  /// Many rows take their time.
  private static final Duration WITHIN = Duration.ofHours(1);

  private final CommandContext session;

  SecretsRotateCommand(CommandContext session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ApiClient api = session.api();
    JsonNode done =
        api.post(SecretsStatusCommand.PATH + "/rotate", Json.MAPPER.missingNode(), WITHIN).body();
    session.print(done, () -> text(done, api));
    return ExitCode.OK.number();
  }

  private static String text(JsonNode done, ApiClient api) {
    String first =
        "%s wrapped anew, under key %s"
            .formatted(keys(done.path("rewrapped").asLong(0)), done.path("key").asString(""));
    List<String> unused =
        done.path("unused_keys").valueStream().map(key -> key.asString("")).toList();
    return unused.isEmpty()
        ? first
        : "%s\nno longer needed%s: %s".formatted(first, place(api), String.join(", ", unused));
  }

  private static String keys(long count) {
    return count == 1 ? "1 data key" : count + " data keys";
  }

  /// Where keys that nothing needs any more are, or were.
  private static String place(ApiClient api) {
    String source = api.get(SecretsStatusCommand.PATH).body().path("source").asString("");
    return source.equals("file")
        ? ", and gone from master.key"
        : "; take them out of secrets.previous_keys";
  }
}
