package dev.agentlab.cli;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/// `secrets status`: shows the key-encryption key and the number of data keys under older keys.
@Command(
    name = "status",
    description = "Show the key-encryption key and how many data keys use an older one.")
final class SecretsStatusCommand implements Callable<Integer> {
  static final String PATH = "/api/secrets";

  /// The fix for stale replicas.
  static final String REMEDY =
      "on these replicas set SECRETS_KEY to the new key and SECRETS_PREVIOUS_KEYS to the old one and"
          + " restart them, or copy the new master.key to them; then run `agent-lab secrets rotate`";

  private final CommandContext context;

  SecretsStatusCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    JsonNode status = context.api().get(PATH).body();
    context.print(status, () -> text(status));
    if (!formatStaleReplicas(status).isEmpty()) {
      context.printNote(REMEDY);
    } else if (status.path("outdated").asLong(0) > 0) {
      context.printNote(
          "run `agent-lab secrets rotate` to rewrap the outdated data keys with the newest key");
    }
    return ExitCode.OK.number();
  }

  private static String text(JsonNode status) {
    return new Table(
            List.of("key", status.path("key").asString("")),
            List.of(
                List.of("source", status.path("source").asString("")),
                List.of("data keys", status.path("data_keys").asString("")),
                List.of("outdated", status.path("outdated").asString("")),
                List.of(
                    "stale replicas",
                    formatStaleReplicas(status).isEmpty() ? "none" : formatStaleReplicas(status))))
        .text();
  }

  /// Formats the replicas that a rotation waits for, with their missing keys. Empty if there are
  /// none.
  static String formatStaleReplicas(JsonNode status) {
    return status
        .path("stale_replicas")
        .valueStream()
        .map(it ->
            "%s (%s) lacks the key %s"
                .formatted(
                    it.path("address").asString(""),
                    it.path("source").asString(""),
                    it.path("missing_keys")
                        .valueStream()
                        .map(key -> key.asString(""))
                        .collect(Collectors.joining(", "))))
        .collect(Collectors.joining("; "));
  }
}
