package dev.agentlab.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/// `secrets status`: which key stored secrets are kept under, and how many still under an older.
@Command(
    name = "status",
    description = "Show which key stored secrets are kept under, and how many under an older one.")
final class SecretsStatus implements Callable<Integer> {
  static final String PATH = "/api/secrets";

  private final Session session;

  SecretsStatus(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    JsonNode status = session.api().get(PATH).body();
    session.print(status, () -> text(status));
    if (status.path("outdated").asLong(0) > 0) {
      session.note("`agent-lab secrets rotate` brings them all under the newest key");
    }
    return ExitCode.OK.number();
  }

  private static String text(JsonNode status) {
    return new Table(
            List.of("key", status.path("key").asString("")),
            List.of(
                List.of("source", status.path("source").asString("")),
                List.of("data keys", status.path("data_keys").asString("")),
                List.of("outdated", status.path("outdated").asString(""))))
        .text();
  }
}
