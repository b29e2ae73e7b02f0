package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// Reads and writes the migration history of a database: one row in `agent_lab_migrations` with the
/// version of the last migration.
///
/// The Go original records its migrations in golang-migrate's `schema_migrations(version, dirty)`,
/// and so did the releases of this program up to version 11. Versions 4 to 7 create different
/// tables in the two programs, so the existing tables determine to which program a version belongs.
/// When a history moves to `agent_lab_migrations`, `schema_migrations` is set to version
/// [#SUPERSEDED_VERSION]. The original and those releases refuse to migrate from an unknown
/// version, and running replicas of those releases treat it as a newer schema and stay ready.
final class SchemaHistory {
  static final long SUPERSEDED_VERSION = 999_999;

  /// The first version of this program that a release recorded in `schema_migrations` and that the
  /// original does not share.
  private static final long FIRST_SHARED_VERSION = 4;

  /// The last version of this program that a release recorded in `schema_migrations`.
  private static final long LAST_SHARED_VERSION = 11;

  /// For each version of the original from 2, a table that it creates.
  private static final List<String> ORIGINAL_TABLES =
      List.of("providers", "agents", "documents", "images", "runs", "profiles");

  /// For each version of this program from 4, a table or function that it creates. Versions 10 and
  /// 11 create none.
  private static final List<String> OWN_OBJECTS =
      List.of("table_totals", "agent_revisions", "tell_change", "api_keys", "data_keys", "audit");

  private static final String UNDEFINED_TABLE = "42P01";

  private static final OwnHistory NO_HISTORY =
      new OwnHistory(OptionalLong.empty(), OptionalLong.empty());

  private SchemaHistory() {}

  /// The recorded migration history of a database.
  sealed interface RecordedHistory {}

  /// The history in `agent_lab_migrations`, or no history at all.
  ///
  /// @param version empty before the first migration
  /// @param originalVersion the version of the Go original at which the database was taken over
  record OwnHistory(OptionalLong version, OptionalLong originalVersion)
      implements RecordedHistory {}

  /// The history of an earlier release in `schema_migrations`.
  record EarlierReleaseHistory(long version) implements RecordedHistory {}

  /// The history of the Go original.
  ///
  /// @param version the version according to the tables
  /// @param hasChangesMigration whether an earlier release of this program mistook the original's
  ///   version 5 for its own and applied its migration 6
  record OriginalHistory(long version, boolean hasChangesMigration) implements RecordedHistory {}

  /// A history in `schema_migrations` that does not match the tables.
  record UnknownHistory(String reason) implements RecordedHistory {}

  static RecordedHistory read(Connection connection) throws SQLException {
    String sql = "SELECT version, original_version FROM agent_lab_migrations";
    try {
      return new SqlStatement(connection, sql)
          .first(row ->
              new OwnHistory(
                  OptionalLong.of(row.number("version")), row.optionalNumber("original_version")))
          .orElse(NO_HISTORY);
    } catch (SQLException e) {
      if (UNDEFINED_TABLE.equals(e.getSQLState())) {
        return readSharedHistory(connection);
      }
      throw e;
    }
  }

  private static RecordedHistory readSharedHistory(Connection connection) throws SQLException {
    String sql = "SELECT version, dirty FROM schema_migrations";
    try {
      return new SqlStatement(connection, sql)
          .first(
              row -> classify(row.number("version"), row.bool("dirty"), findExisting(connection)))
          .orElse(NO_HISTORY);
    } catch (SQLException e) {
      if (UNDEFINED_TABLE.equals(e.getSQLState())) {
        return NO_HISTORY;
      }
      throw e;
    }
  }

  private static RecordedHistory classify(long version, boolean dirty, Set<String> existing) {
    if (dirty) {
      return new UnknownHistory(
          "schema_migrations is dirty at version %d: a migration of the Go original was interrupted;"
                  .formatted(version)
              + " repair the schema and record its version with the original's `migrate -force`");
    }
    boolean hasChanges = existing.contains("tell_change");
    if (existing.contains(OWN_OBJECTS.getFirst())) {
      long newest = FIRST_SHARED_VERSION - 1 + countLeading(OWN_OBJECTS, existing);
      if (version <= LAST_SHARED_VERSION
          && newest == Math.min(version, FIRST_SHARED_VERSION - 1 + OWN_OBJECTS.size())) {
        return new EarlierReleaseHistory(version);
      }
    } else {
      long newest = 1L + countLeading(ORIGINAL_TABLES, existing);
      if (version == 1 && newest == 1) {
        return new EarlierReleaseHistory(1);
      }
      if (newest == version || (hasChanges && newest == 5 && version == 6)) {
        return new OriginalHistory(newest, hasChanges);
      }
    }
    return new UnknownHistory(
        "schema_migrations is at version %d, but the tables are not those of that version, neither"
                .formatted(version)
            + " of the Go original (2 to 7) nor of an earlier agent-lab (%d to %d); determine which"
                .formatted(FIRST_SHARED_VERSION, LAST_SHARED_VERSION)
            + " program changed the schema last, and repair it");
  }

  /// The number of leading tables in the list that exist; -1 if a missing one precedes an existing
  /// one.
  private static int countLeading(List<String> tables, Set<String> existing) {
    int reached = 0;
    while (reached < tables.size() && existing.contains(tables.get(reached))) {
      reached++;
    }
    boolean gap = tables.subList(reached, tables.size()).stream().anyMatch(existing::contains);
    return gap ? -1 : reached;
  }

  private static Set<String> findExisting(Connection connection) throws SQLException {
    String sql =
        """
        SELECT name FROM unnest(:names::text[]) AS name
        WHERE to_regclass(name) IS NOT NULL OR to_regproc(name) IS NOT NULL
        """;
    Set<String> names = new HashSet<>(ORIGINAL_TABLES);
    names.addAll(OWN_OBJECTS);
    return Set.copyOf(
        new SqlStatement(connection, sql)
            .bindArray("names", "text", names.toArray())
            .all(row -> row.text("name")));
  }

  /// Records the version of the last migration; empty for none.
  static void recordVersion(Connection connection, OptionalLong version) throws SQLException {
    if (version.isEmpty()) {
      dropOwnHistory(connection);
      if (hasSharedHistory(connection)) {
        write(
            connection,
            "DELETE FROM schema_migrations WHERE version = :version",
            SUPERSEDED_VERSION);
      }
      return;
    }
    execute(
        connection,
        """
        CREATE TABLE IF NOT EXISTS agent_lab_migrations (
            id               BOOLEAN PRIMARY KEY DEFAULT true CHECK (id),
            version          BIGINT NOT NULL,
            original_version BIGINT
        )
        """);
    write(
        connection,
        """
        INSERT INTO agent_lab_migrations (version) VALUES (:version)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version
        """,
        version.getAsLong());
  }

  /// Moves the history of an earlier release to `agent_lab_migrations`.
  static void moveHistory(Connection connection, long version) throws SQLException {
    recordVersion(connection, OptionalLong.of(version));
    supersede(connection);
  }

  /// Records the version of the last migration of a database taken over from the original.
  static void takeOver(Connection connection, OptionalLong version, OriginalHistory original)
      throws SQLException {
    recordVersion(connection, version);
    write(
        connection,
        "UPDATE agent_lab_migrations SET original_version = :version",
        original.version());
    supersede(connection);
  }

  private static void supersede(Connection connection) throws SQLException {
    write(connection, "UPDATE schema_migrations SET version = :version", SUPERSEDED_VERSION);
  }

  /// Returns the history to `schema_migrations` for the original, at the version at which the
  /// database was taken over.
  static void returnToOriginal(Connection connection, long original) throws SQLException {
    dropOwnHistory(connection);
    execute(
        connection,
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version BIGINT NOT NULL PRIMARY KEY,
            dirty   BOOLEAN NOT NULL
        )
        """);
    execute(connection, "DELETE FROM schema_migrations");
    write(connection, "INSERT INTO schema_migrations VALUES (:version, false)", original);
  }

  /// Records the version after a rollback. A history moved from an earlier release returns to
  /// `schema_migrations` at a version of that release, so that the release can run again.
  static void recordRollback(Connection connection, OptionalLong version) throws SQLException {
    long number = version.orElse(0);
    boolean known = number >= FIRST_SHARED_VERSION && number <= LAST_SHARED_VERSION;
    if (known && hasSharedHistory(connection) && restoreSharedHistory(connection, number)) {
      dropOwnHistory(connection);
    } else {
      recordVersion(connection, version);
    }
  }

  private static boolean restoreSharedHistory(Connection connection, long version)
      throws SQLException {
    String sql = "UPDATE schema_migrations SET version = :version WHERE version = :superseded";
    return new SqlStatement(connection, sql)
            .bind("version", version)
            .bind("superseded", SUPERSEDED_VERSION)
            .update()
        == 1;
  }

  private static boolean hasSharedHistory(Connection connection) throws SQLException {
    String sql = "SELECT to_regclass('schema_migrations') IS NOT NULL AS found";
    return new SqlStatement(connection, sql).one(row -> row.bool("found"));
  }

  private static void dropOwnHistory(Connection connection) throws SQLException {
    execute(connection, "DROP TABLE IF EXISTS agent_lab_migrations");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    new SqlStatement(connection, sql).update();
  }

  /// Executes a statement with the parameter `version`.
  private static void write(Connection connection, String sql, long version) throws SQLException {
    new SqlStatement(connection, sql).bind("version", version).update();
  }
}
