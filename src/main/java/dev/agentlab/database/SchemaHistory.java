package dev.agentlab.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      if (!row.next()) {
        return new OwnHistory(OptionalLong.empty(), OptionalLong.empty());
      }
      OptionalLong version = OptionalLong.of(row.getLong(1));
      long original = row.getLong(2);
      return new OwnHistory(
          version, row.wasNull() ? OptionalLong.empty() : OptionalLong.of(original));
    } catch (SQLException e) {
      if (UNDEFINED_TABLE.equals(e.getSQLState())) {
        return readSharedHistory(connection);
      }
      throw e;
    }
  }

  private static RecordedHistory readSharedHistory(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT version, dirty FROM schema_migrations")) {
      if (row.next()) {
        return classify(row.getLong(1), row.getBoolean(2), findExisting(connection));
      }
    } catch (SQLException e) {
      if (!UNDEFINED_TABLE.equals(e.getSQLState())) {
        throw e;
      }
    }
    return new OwnHistory(OptionalLong.empty(), OptionalLong.empty());
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
        SELECT name FROM unnest(?::text[]) AS name
        WHERE to_regclass(name) IS NOT NULL OR to_regproc(name) IS NOT NULL
        """;
    Set<String> names = new HashSet<>(ORIGINAL_TABLES);
    names.addAll(OWN_OBJECTS);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("text", names.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        Set<String> existing = new HashSet<>();
        while (row.next()) {
          existing.add(row.getString(1));
        }
        return existing;
      }
    }
  }

  /// Records the version of the last migration; empty for none.
  static void recordVersion(Connection connection, OptionalLong version) throws SQLException {
    if (version.isEmpty()) {
      dropOwnHistory(connection);
      if (hasSharedHistory(connection)) {
        execute(connection, "DELETE FROM schema_migrations WHERE version = " + SUPERSEDED_VERSION);
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
        );
        INSERT INTO agent_lab_migrations (version) VALUES (%d)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version\
        """
            .formatted(version.getAsLong()));
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
    execute(
        connection,
        "UPDATE agent_lab_migrations SET original_version = %d".formatted(original.version()));
    supersede(connection);
  }

  private static void supersede(Connection connection) throws SQLException {
    execute(connection, "UPDATE schema_migrations SET version = %d".formatted(SUPERSEDED_VERSION));
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
        );
        DELETE FROM schema_migrations;
        INSERT INTO schema_migrations VALUES (%d, false)\
        """
            .formatted(original));
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
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(
              "UPDATE schema_migrations SET version = %d WHERE version = %d"
                  .formatted(version, SUPERSEDED_VERSION))
          == 1;
    }
  }

  private static boolean hasSharedHistory(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT to_regclass('schema_migrations') IS NOT NULL")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static void dropOwnHistory(Connection connection) throws SQLException {
    execute(connection, "DROP TABLE IF EXISTS agent_lab_migrations");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
