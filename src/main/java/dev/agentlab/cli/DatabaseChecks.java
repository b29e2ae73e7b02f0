package dev.agentlab.cli;

import dev.agentlab.config.Config;
import dev.agentlab.config.DatabaseMode;
import dev.agentlab.config.Settings;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.Migration;
import dev.agentlab.database.Migrator;
import dev.agentlab.database.ServerInfo;
import dev.agentlab.errors.UnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Whether the database can be used, is at the right schema, and tells the same time.
final class DatabaseChecks {
  private static final Duration CLOCKS_MAY_DIFFER = Duration.ofSeconds(5);

  private DatabaseChecks() {}

  static List<CheckResult> of(Config config) {
    return config.get(Settings.DATABASE_MODE) == DatabaseMode.EMBEDDED
        ? List.of(embedded(config.get(Settings.DATA_DIR)))
        : external(Dsn.of(config));
  }

  /// The embedded server runs with the service, which says itself whether it is ready.
  private static CheckResult embedded(Path dataDir) {
    Path folder = dataDir.resolve("postgres");
    return Files.exists(folder)
        ? CheckResult.passed(
            "database", "embedded, kept in %s, runs with the service".formatted(folder))
        : CheckResult.passed("database", "embedded, will be made in %s".formatted(folder));
  }

  private static List<CheckResult> external(Dsn dsn) {
    try {
      ServerInfo server = ServerInfo.read(dsn);
      return List.of(
          CheckResult.passed(
              "database", "PostgreSQL %s at %s".formatted(server.version(), dsn.address())),
          schema(new Migrator(dsn).state()),
          clock(server.currentTime(), Instant.now()));
    } catch (UnavailableException | DatabaseException e) {
      return List.of(
          CheckResult.failed(
              "database",
              String.valueOf(e.getMessage()),
              "check the keys below [database] with `agent-lab config`, and that the server runs"));
    }
  }

  static CheckResult schema(Migrator.State state) {
    long latest = Migration.ALL.getLast().version();
    long version = state.version().orElse(0);
    if (state.originalVersion().isPresent()) {
      return CheckResult.failed(
          "schema",
          "that of the Go original, at its version " + state.originalVersion().getAsLong(),
          "stop the original, back the database up, then `agent-lab migrate --take-over`");
    }
    String detail =
        "version %s, this program has %d".formatted(version == 0 ? "none" : version, latest);
    if (version > latest) {
      return CheckResult.failed("schema", detail, "run a newer agent-lab");
    }
    return CheckResult.passed(
        "schema",
        version < latest ? detail + "; `serve` takes the steps that are missing" : detail);
  }

  static CheckResult clock(Instant database, Instant here) {
    Duration apart = Duration.between(database, here).abs();
    String detail = "%d ms from the database's".formatted(apart.toMillis());
    return apart.compareTo(CLOCKS_MAY_DIFFER) > 0
        ? CheckResult.failed("clock", detail, "synchronise both machines' clocks (NTP)")
        : CheckResult.passed("clock", detail);
  }
}
