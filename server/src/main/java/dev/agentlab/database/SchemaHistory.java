package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// Reads and writes the migration history of a database: one row in `agent_lab_migrations` with the
/// version of the last migration, and the oldest program that runs on the schema.
///
/// The Go original records its migrations in golang-migrate's `schema_migrations(version, dirty)`,
/// whose version is believed only if the tables are those of that version. A take-over sets it to
/// [#SUPERSEDED_VERSION], from which the original refuses to migrate.
final class SchemaHistory {
  static final long SUPERSEDED_VERSION = 999_999;

  /// For each version of the original from 2, a table that it creates.
  private static final List<String> ORIGINAL_TABLES =
      List.of("providers", "agents", "documents", "images", "runs", "profiles");

  /// A table of this program that the original does not have.
  private static final String OWN_TABLE = "table_totals";

  private static final String UNDEFINED_TABLE = "42P01";

  private static final OwnHistory NO_HISTORY =
      new OwnHistory(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

  private SchemaHistory() {}

  /// The recorded migration history of a database.
  sealed interface RecordedHistory {}

  /// The history in `agent_lab_migrations`, or no history at all.
  ///
  /// @param version empty before the first migration
  /// @param oldestProgram as in [Migration]; empty if a program recorded the version that did not
  ///   know the oldest yet
  /// @param originalVersion the version of the Go original at which the database was taken over
  record OwnHistory(OptionalLong version, OptionalLong oldestProgram, OptionalLong originalVersion)
      implements RecordedHistory {

    /// Whether a newer program migrated the schema to a version on which a program does not run.
    ///
    /// @param program the version of the last migration that the program knows
    boolean isTooNewFor(long program) {
      return version.orElse(0) > program && oldestProgram.orElse(Long.MAX_VALUE) > program;
    }
  }

  /// The history of the Go original, at the version that its tables have.
  record OriginalHistory(long version) implements RecordedHistory {}

  /// A history in `schema_migrations` that does not match the tables.
  record UnknownHistory(String reason) implements RecordedHistory {}

  static RecordedHistory read(Connection connection) throws SQLException {
    // As JSON, because the table may lack the column.
    String sql =
        """
        SELECT version, original_version, (to_jsonb(h) ->> 'oldest_program')::bigint AS oldest_program
        FROM agent_lab_migrations h
        """;
    try {
      return new SqlStatement(connection, sql)
          .first(row ->
              new OwnHistory(
                  OptionalLong.of(row.number("version")),
                  row.optionalNumber("oldest_program"),
                  row.optionalNumber("original_version")))
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
    if (!existing.contains(OWN_TABLE) && version == 1L + countLeading(ORIGINAL_TABLES, existing)) {
      return new OriginalHistory(version);
    }
    return new UnknownHistory(
        "schema_migrations is at version %d, but the tables are not those of that version of the Go"
                .formatted(version)
            + " original (1 to %d); determine which program changed the schema last, and repair it"
                .formatted(1 + ORIGINAL_TABLES.size()));
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
    Set<String> names = new HashSet<>(ORIGINAL_TABLES);
    names.add(OWN_TABLE);
    return findExisting(connection, names);
  }

  /// Finds the tables that exist.
  static Set<String> findExisting(Connection connection, Collection<String> names)
      throws SQLException {
    String sql =
        """
        SELECT name FROM unnest(:names::text[]) AS name WHERE to_regclass(name) IS NOT NULL
        """;
    return Set.copyOf(
        new SqlStatement(connection, sql)
            .bindArray("names", "text", names.toArray())
            .all(row -> row.text("name")));
  }

  /// Records which migrations are applied, in ascending order of version.
  static void record(Connection connection, List<Migration> applied) throws SQLException {
    if (applied.isEmpty()) {
      dropOwnHistory(connection);
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
    execute(
        connection,
        "ALTER TABLE agent_lab_migrations ADD COLUMN IF NOT EXISTS oldest_program BIGINT");
    String sql =
        """
        INSERT INTO agent_lab_migrations (version, oldest_program) VALUES (:version, :oldest_program)
        ON CONFLICT (id) DO UPDATE
        SET version = excluded.version, oldest_program = excluded.oldest_program
        """;
    new SqlStatement(connection, sql)
        .bind("version", applied.getLast().version())
        .bind(
            "oldest_program",
            applied.stream().mapToLong(Migration::oldestProgram).max().getAsLong())
        .update();
  }

  /// Records that all migrations are applied to a database taken over from the original.
  static void takeOver(Connection connection, List<Migration> applied, OriginalHistory original)
      throws SQLException {
    record(connection, applied);
    write(
        connection,
        "UPDATE agent_lab_migrations SET original_version = :version",
        original.version());
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
