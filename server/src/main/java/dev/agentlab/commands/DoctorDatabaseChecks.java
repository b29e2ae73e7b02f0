package dev.agentlab.commands;

import dev.agentlab.cli.CheckResult;
import dev.agentlab.config.Config;
import dev.agentlab.config.DatabaseMode;
import dev.agentlab.config.Settings;
import dev.agentlab.database.DatabaseException;
import dev.agentlab.database.DatabaseServerInfo;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.Migration;
import dev.agentlab.database.Migrator;
import dev.agentlab.errors.UnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The checks of `doctor` for the database: connection, schema version and clock.
final class DoctorDatabaseChecks {
  private static final Duration MAX_CLOCK_DIFFERENCE = Duration.ofSeconds(5);

  private DoctorDatabaseChecks() {}

  static List<CheckResult> run(Config config) {
    return config.get(Settings.DATABASE_MODE) == DatabaseMode.EMBEDDED
        ? List.of(embedded(config.get(Settings.DATA_DIR)))
        : external(Dsn.of(config));
  }

  /// The embedded server runs only while the service does, whose readiness check covers it.
  private static CheckResult embedded(Path dataDir) {
    Path folder = dataDir.resolve("postgres");
    return Files.exists(folder)
        ? CheckResult.passed(
            "database", "embedded, stored in %s, runs with the service".formatted(folder))
        : CheckResult.passed("database", "embedded, will be created in %s".formatted(folder));
  }

  private static List<CheckResult> external(Dsn dsn) {
    try {
      DatabaseServerInfo server = DatabaseServerInfo.read(dsn);
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
              "check the [database] settings with `agent-lab config`, and that the server runs"));
    }
  }

  static CheckResult schema(Migrator.State state) {
    long latest = Migration.ALL.getLast().version();
    long version = state.version().orElse(0);
    if (state.originalVersion().isPresent()) {
      return CheckResult.failed(
          "schema",
          "of the Go original, version " + state.originalVersion().getAsLong(),
          "stop the original, back up the database, then run `agent-lab migrate --take-over`");
    }
    String detail =
        "version %s, this program requires %d".formatted(version == 0 ? "none" : version, latest);
    if (state.isTooNew()) {
      return CheckResult.failed("schema", detail, "upgrade agent-lab");
    }
    String note = "";
    if (version < latest) {
      note = "; `serve` applies the missing migrations";
    } else if (version > latest) {
      note = "; of a newer agent-lab, and this one runs on it";
    }
    return CheckResult.passed("schema", detail + note);
  }

  static CheckResult clock(Instant database, Instant here) {
    Duration difference = Duration.between(database, here).abs();
    String detail = "differs by %d ms from the database's".formatted(difference.toMillis());
    return difference.compareTo(MAX_CLOCK_DIFFERENCE) > 0
        ? CheckResult.failed("clock", detail, "synchronise the clocks of both machines (NTP)")
        : CheckResult.passed("clock", detail);
  }
}
