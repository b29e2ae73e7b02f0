package dev.agentlab.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies and rolls back the bundled migrations of a database, each in its own transaction.
///
/// A session lock allows one process to migrate at a time; the others wait and then find nothing to
/// apply. A database of the Go original is changed by [#takeOver] only. A schema of a newer program
/// is left as it is: this program runs on it if its newest migration allows it.
///
/// Methods throw [dev.agentlab.errors.UnavailableException] if the database is unreachable or a
/// lock times out, and [DatabaseException] on an error that the operator must fix; both have a
/// message for the operator.
public final class Migrator {
  private static final Logger LOG = LoggerFactory.getLogger(Migrator.class);

  private static final Duration LOCK_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration LOCK_POLL_INTERVAL = Duration.ofMillis(100);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /// The last version at which the Go original has the same tables.
  private static final long LAST_COMMON_VERSION = 3;

  private final ConnectionFactory connectionFactory;
  private final List<Migration> migrations;

  /// The version of a schema, and the version of the Go original if the database is one of the
  /// original.
  ///
  /// @param version empty before the first migration
  /// @param oldestProgram as in [Migration]; empty if it is not recorded
  public record State(
      OptionalLong version, OptionalLong oldestProgram, OptionalLong originalVersion) {

    /// Whether a newer program migrated the schema to a version on which this one does not run.
    public boolean isTooNew() {
      return new SchemaHistory.OwnHistory(version, oldestProgram, originalVersion)
          .isTooNewFor(Migration.ALL.getLast().version());
    }

    /// The pending migrations in ascending order; none if the schema is newer than this program.
    public List<Migration> pendingMigrations() {
      return Migration.ALL.stream().filter(it -> it.version() > version.orElse(0)).toList();
    }
  }

  /// A migration that was applied or rolled back.
  ///
  /// @param up true if applied, false if rolled back
  public record Step(Migration migration, boolean up) {
    @Override
    public String toString() {
      return migration.name() + (up ? " up" : " down");
    }
  }

  private interface HistoryUpdate {
    void apply(Connection connection) throws SQLException;
  }

  public Migrator(Dsn dsn) {
    this(new ConnectionFactory(dsn, CONNECT_TIMEOUT), Migration.ALL);
  }

  /// Creates a migrator with other migrations than the bundled ones.
  ///
  /// @param migrations in ascending order of version
  Migrator(ConnectionFactory connector, List<Migration> migrations) {
    this.connectionFactory = connector;
    this.migrations = List.copyOf(migrations);
  }

  /// Reads the version of the schema.
  public State state() {
    try (Connection connection = connect()) {
      return state(connection);
    } catch (SQLException e) {
      throw failure("cannot read the schema's version", e);
    }
  }

  /// Applies all pending migrations. Acquires no lock if none is pending.
  ///
  /// @return the migrations applied; none if the schema is newer and this program runs on it
  /// @throws DatabaseException if the schema is newer and this program does not run on it, or the
  ///   database is one of the Go original; it is not changed
  public List<Step> up() throws InterruptedException {
    try (Connection connection = connect()) {
      if (SchemaHistory.read(connection) instanceof SchemaHistory.OwnHistory own
          && !hasPending(own)) {
        return List.of();
      }
      return migrate(connection, Integer.MAX_VALUE);
    } catch (SQLException e) {
      throw failure("cannot migrate", e);
    }
  }

  /// Rolls back all migrations, which deletes the data in their tables. A database that was taken
  /// over is returned to the Go original, with its providers and agents.
  ///
  /// @return the migrations rolled back
  /// @throws DatabaseException if a service is connected, as for [#steps]
  public List<Step> down() throws InterruptedException {
    return steps(-migrations.size());
  }

  /// Applies a number of migrations, or rolls them back if the number is negative. Stops early at
  /// the first or last migration.
  ///
  /// @return the migrations applied or rolled back
  /// @throws DatabaseException on a rollback while a service is connected, which needs the tables;
  ///   or as for [#up]
  public List<Step> steps(int steps) throws InterruptedException {
    try (Connection connection = connect()) {
      return migrate(connection, steps);
    } catch (SQLException e) {
      throw failure("cannot migrate", e);
    }
  }

  /// Determines the data that [#steps] with a negative number would lose.
  public RollbackLosses rollbackLosses(int steps) {
    try (Connection connection = connect()) {
      SchemaHistory.OwnHistory own = requireOwnHistory(SchemaHistory.read(connection));
      int position = appliedCount(own);
      int target = targetCount(own, position, steps);
      boolean givesBack = own.originalVersion().isPresent() && target == minAppliedCount(own);
      return new RollbackLosses(
          givesBack ? own.originalVersion() : OptionalLong.empty(),
          RollbackLosses.lostSecrets(
              connection, versionAt(position).orElse(0), versionAt(target).orElse(0)));
    } catch (SQLException e) {
      throw failure("cannot read the schema's version", e);
    }
  }

  /// Applies all migrations to a database of the Go original, in one transaction. [#down] restores
  /// its version.
  ///
  /// @param adoption changes the rows of the original, in the same transaction after all migrations
  /// @return the migrations applied; none if the database was taken over before
  /// @throws DatabaseException if the database is not one of the original, or a client is connected
  ///   that may be the original
  public List<Step> takeOver(Database.Work<?> adoption) throws InterruptedException {
    try (Connection connection = connect()) {
      acquireLock(connection);
      return switch (SchemaHistory.read(connection)) {
        case SchemaHistory.OriginalHistory original -> takeOver(connection, original, adoption);
        case SchemaHistory.OwnHistory own when own.originalVersion().isPresent() -> List.of();
        case SchemaHistory.UnknownHistory(String reason) -> throw unknownHistory(reason);
        default ->
            throw new DatabaseException(
                "the database %s is not one of the Go original; there is nothing to take over"
                    .formatted(address()),
                null);
      };
    } catch (SQLException e) {
      throw failure("cannot take over the database; all changes were rolled back", e);
    }
  }

  private List<Step> takeOver(
      Connection connection, SchemaHistory.OriginalHistory original, Database.Work<?> adoption)
      throws SQLException {
    requireNoClient(
        connection,
        "application_name = ''",
        "a client without an application_name, such as the Go original, is connected to the database %s (connections: %d);"
            + " stop the original before taking over its database");
    List<Step> steps =
        migrations.stream()
            .filter(it -> it.version() > Math.min(original.version(), LAST_COMMON_VERSION))
            .map(it -> new Step(it, true))
            .toList();
    Transactions.run(
        connection,
        it -> {
          for (Step step : steps) {
            execute(it, step);
          }
          SchemaHistory.takeOver(it, migrations, original);
          return adoption.run(it);
        });
    LOG.info(
        "took over the database of the Go original at version {}: {}", original.version(), steps);
    return steps;
  }

  /// Work on the tables of a schema.
  @FunctionalInterface
  public interface SchemaWork<T> {
    /// Runs the work.
    ///
    /// @param connection in a transaction, without timeouts; must be neither closed nor retained
    /// @param version the version of the schema
    T run(Connection connection, long version) throws SQLException;
  }

  /// Reads the tables in one snapshot. Migrations of other processes wait meanwhile, other clients
  /// do not.
  ///
  /// @throws DatabaseException if there is no schema, its version is none of the bundled
  ///   migrations, or the database is one of the Go original
  public <T> T readSnapshot(SchemaWork<T> work) throws InterruptedException {
    try (Connection connection = connect()) {
      acquireLock(connection);
      return readSnapshot(connection, work);
    } catch (SQLException e) {
      throw failure("cannot read the database", e);
    }
  }

  private <T> T readSnapshot(Connection connection, SchemaWork<T> work) throws SQLException {
    SchemaHistory.OwnHistory own = requireOwnHistory(SchemaHistory.read(connection));
    long version =
        own.version()
            .orElseThrow(
                () -> new DatabaseException("the database %s is empty".formatted(address()), null));
    if (migrations.stream().noneMatch(it -> it.version() == version)) {
      throw tooNew(own, "only a newer agent-lab can read it");
    }
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setReadOnly(true);
    return Transactions.run(connection, it -> work.run(it, version));
  }

  /// Requires that the database has no schema and no table with one of these names.
  ///
  /// @throws DatabaseException if it does
  public void requireEmpty(List<String> tables) {
    try (Connection connection = connect()) {
      requireEmpty(connection, tables);
    } catch (SQLException e) {
      throw failure("cannot read the schema's version", e);
    }
  }

  /// Creates the schema of a version in an empty database, and fills its tables, in one
  /// transaction.
  ///
  /// @param version the version of a bundled migration
  /// @param tables as for [#requireEmpty]
  /// @param content fills the tables
  /// @throws DatabaseException if the database is not empty
  public void create(long version, List<String> tables, SchemaWork<?> content)
      throws InterruptedException {
    try (Connection connection = connect()) {
      acquireLock(connection);
      requireEmpty(connection, tables);
      create(connection, version, content);
    } catch (SQLException e) {
      throw failure("cannot create the schema; all changes were rolled back", e);
    }
  }

  private <T> T create(Connection connection, long version, SchemaWork<T> content)
      throws SQLException {
    List<Migration> applied = migrations.stream().filter(it -> it.version() <= version).toList();
    T result =
        Transactions.run(
            connection,
            it -> {
              for (Migration migration : applied) {
                execute(it, new Step(migration, true));
              }
              SchemaHistory.record(it, applied);
              return content.run(it, version);
            });
    LOG.info("created the schema at version {}", version);
    return result;
  }

  /// Work that copies a snapshot to the tables of a new schema.
  @FunctionalInterface
  public interface SchemaCopy<T> {
    /// Copies the rows.
    ///
    /// @param source in a transaction, as for [SchemaWork]
    /// @param target in a transaction, as for [SchemaWork]
    /// @param version the version of both schemas
    T run(Connection source, Connection target, long version) throws SQLException;
  }

  /// Reads the tables in one snapshot, as [#readSnapshot] does, and meanwhile creates and fills the
  /// same schema in an empty database, as [#create] does.
  ///
  /// @param tables as for [#requireEmpty]
  /// @throws DatabaseException as for [#readSnapshot] and [#create]
  public <T> T copySnapshot(Migrator target, List<String> tables, SchemaCopy<T> copy)
      throws InterruptedException {
    try (Connection from = connect();
        Connection to = target.connect()) {
      acquireLock(from);
      acquireLock(to);
      target.requireEmpty(to, tables);
      return readSnapshot(
          from,
          (source, version) ->
              target.create(to, version, (created, _) -> copy.run(source, created, version)));
    } catch (SQLException e) {
      throw failure("cannot copy the database", e);
    }
  }

  private void requireEmpty(Connection connection, List<String> tables) throws SQLException {
    SchemaHistory.RecordedHistory history = SchemaHistory.read(connection);
    boolean isUnused = history instanceof SchemaHistory.OwnHistory own && own.version().isEmpty();
    Set<String> existing = SchemaHistory.findExisting(connection, tables);
    if (!isUnused || !existing.isEmpty()) {
      throw new DatabaseException(
          "the database %s is not empty%s; use another one"
              .formatted(
                  address(),
                  existing.isEmpty()
                      ? ""
                      : ": it has " + existing.stream().sorted().collect(Collectors.joining(", "))),
          null);
    }
  }

  /// Records a version without applying or rolling back a migration.
  ///
  /// @param version the version of a bundled migration; 0 or -1 for none
  /// @throws DatabaseException if there is no such version, or as for [#up]
  public void force(long version) throws InterruptedException {
    try (Connection connection = connect()) {
      acquireLock(connection);
      SchemaHistory.OwnHistory own = requireOwnHistory(SchemaHistory.read(connection));
      long lowest = own.originalVersion().isPresent() ? LAST_COMMON_VERSION + 1 : 0;
      boolean none = lowest == 0 && (version == 0 || version == -1);
      if (!none
          && migrations.stream().noneMatch(it -> it.version() == version && version >= lowest)) {
        throw new DatabaseException(
            "cannot force version %d: it must be %s to %d"
                .formatted(version, lowest == 0 ? "0 (none)" : lowest, latestVersion()),
            null);
      }
      List<Migration> forced = migrations.stream().filter(it -> it.version() <= version).toList();
      Transactions.run(
          connection,
          it -> {
            SchemaHistory.record(it, forced);
            return forced;
          });
    } catch (SQLException e) {
      throw failure("cannot force version " + version, e);
    }
  }

  private Connection connect() throws SQLException {
    return connectionFactory.migrationDataSource().getConnection();
  }

  private List<Step> migrate(Connection connection, int steps)
      throws SQLException, InterruptedException {
    acquireLock(connection);
    SchemaHistory.OwnHistory own = requireOwnHistory(SchemaHistory.read(connection));
    if (steps > 0 && !hasPending(own)) {
      return List.of();
    }
    int position = appliedCount(own);
    int target = targetCount(own, position, steps);
    if (target < position) {
      requireNoClient(
          connection,
          "starts_with(application_name, '%s') AND application_name <> '%s'"
              .formatted(
                  ConnectionFactory.APPLICATION_NAME, ConnectionFactory.MIGRATION_APPLICATION_NAME),
          "a service is connected to the database %s (connections: %d); stop every service that uses it before rolling back migrations");
    }
    List<Step> applied = new ArrayList<>();
    while (position < target) {
      List<Migration> appliedThen = migrations.subList(0, position + 1);
      applied.add(
          executeAndRecord(
              connection,
              new Step(migrations.get(position), true),
              it -> SchemaHistory.record(it, appliedThen)));
      position++;
    }
    while (position > target) {
      position--;
      List<Migration> appliedThen = migrations.subList(0, position);
      HistoryUpdate historyUpdate =
          position > target
              ? it -> SchemaHistory.record(it, appliedThen)
              : it -> recordRollback(it, own, target);
      applied.add(
          executeAndRecord(connection, new Step(migrations.get(position), false), historyUpdate));
    }
    return List.copyOf(applied);
  }

  private void recordRollback(Connection connection, SchemaHistory.OwnHistory own, int target)
      throws SQLException {
    if (own.originalVersion().isPresent() && target == minAppliedCount(own)) {
      SchemaHistory.returnToOriginal(connection, own.originalVersion().getAsLong());
    } else {
      SchemaHistory.record(connection, migrations.subList(0, target));
    }
  }

  /// The history of this program.
  ///
  /// @throws DatabaseException if the history is the original's or unknown
  private SchemaHistory.OwnHistory requireOwnHistory(SchemaHistory.RecordedHistory recorded) {
    return switch (recorded) {
      case SchemaHistory.OwnHistory own -> own;
      case SchemaHistory.OriginalHistory(long version) ->
          throw new DatabaseException(takeOverRequired(address(), version), null);
      case SchemaHistory.UnknownHistory(String reason) -> throw unknownHistory(reason);
    };
  }

  /// Requires that no other client of the same database matches a condition on `pg_stat_activity`.
  private void requireNoClient(Connection connection, String condition, String message)
      throws SQLException {
    String sql =
        """
        SELECT count(*) AS clients FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND backend_type = 'client backend' AND %s
        """
            .formatted(condition);
    long clients = new SqlStatement(connection, sql).one(row -> row.number("clients"));
    if (clients > 0) {
      throw new DatabaseException(message.formatted(address(), clients), null);
    }
  }

  /// Applies or rolls back a migration and records it, in one transaction.
  private Step executeAndRecord(Connection connection, Step step, HistoryUpdate historyUpdate)
      throws SQLException {
    try {
      Transactions.run(
          connection,
          it -> {
            execute(it, step);
            historyUpdate.apply(it);
            return step;
          });
    } catch (SQLException e) {
      throw failure("migration %s failed and was rolled back".formatted(step), e);
    }
    LOG.info("migrated the database: {}", step);
    return step;
  }

  private static void execute(Connection connection, Step step) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(step.up() ? step.migration().upSql() : step.migration().downSql());
    }
  }

  /// Whether a migration is to be applied before this program can run on the schema.
  ///
  /// @throws DatabaseException if the schema is newer and this program does not run on it
  private boolean hasPending(SchemaHistory.OwnHistory own) {
    if (own.version().orElse(0) <= latestVersion()) {
      return appliedCount(own) < migrations.size();
    }
    if (own.isTooNewFor(latestVersion())) {
      throw tooNew(own, "run a newer agent-lab, or migrate down with the newer one first");
    }
    LOG.info(
        "the schema is at version {}, of a newer agent-lab; this one, of version {}, runs on it",
        own.version().getAsLong(),
        latestVersion());
    return false;
  }

  /// The number of applied migrations.
  ///
  /// @throws DatabaseException if the schema is newer
  private int appliedCount(SchemaHistory.OwnHistory own) {
    if (own.version().isEmpty()) {
      return 0;
    }
    long version = own.version().getAsLong();
    for (int index = 0; index < migrations.size(); index++) {
      if (migrations.get(index).version() == version) {
        return index + 1;
      }
    }
    throw tooNew(own, "only a newer agent-lab can migrate it");
  }

  private DatabaseException tooNew(SchemaHistory.OwnHistory own, String advice) {
    return new DatabaseException(
        "the schema is at version %d, but this agent-lab supports versions up to %d; %s"
            .formatted(own.version().orElse(0), latestVersion(), advice),
        null);
  }

  /// The version of the schema with a number of migrations applied.
  private OptionalLong versionAt(int position) {
    return position == 0
        ? OptionalLong.empty()
        : OptionalLong.of(migrations.get(position - 1).version());
  }

  private int targetCount(SchemaHistory.OwnHistory own, int position, int steps) {
    return Math.clamp(
        (long) position + steps, Math.min(minAppliedCount(own), position), migrations.size());
  }

  /// The number of migrations that are never rolled back: those that the Go original applied.
  private int minAppliedCount(SchemaHistory.OwnHistory own) {
    long version = Math.min(own.originalVersion().orElse(0), LAST_COMMON_VERSION);
    return (int) migrations.stream().filter(it -> it.version() <= version).count();
  }

  static State state(Connection connection) throws SQLException {
    return switch (SchemaHistory.read(connection)) {
      case SchemaHistory.OwnHistory own ->
          new State(own.version(), own.oldestProgram(), OptionalLong.empty());
      case SchemaHistory.OriginalHistory(long version) ->
          new State(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(version));
      case SchemaHistory.UnknownHistory(String reason) -> throw new DatabaseException(reason, null);
    };
  }

  private long latestVersion() {
    return migrations.getLast().version();
  }

  /// Polls, because a session that blocks in `pg_advisory_lock` holds a snapshot, for which the
  /// concurrent creation of an index in another session would wait.
  private static void acquireLock(Connection connection) throws SQLException, InterruptedException {
    // A migration that rewrites tables may take long.
    connection.setNetworkTimeout(Runnable::run, 0);
    long deadline = System.nanoTime() + LOCK_TIMEOUT.toNanos();
    while (!AdvisoryLock.SCHEMA.tryAcquire(connection)) {
      if (System.nanoTime() > deadline) {
        throw new SQLException(
            "timed out waiting for another process that migrates this database", "55P03");
      }
      Thread.sleep(LOCK_POLL_INTERVAL);
    }
  }

  /// The error message for a database of the Go original that was not taken over.
  public static String takeOverRequired(String database, long version) {
    return "the database %s is one of the Go original, at its version %d, and was not changed;"
            .formatted(database, version)
        + " stop the original, back up the database and run `agent-lab migrate --take-over`";
  }

  private String address() {
    return connectionFactory.dsn().address();
  }

  private DatabaseException unknownHistory(String reason) {
    return new DatabaseException("cannot migrate (%s): %s".formatted(address(), reason), null);
  }

  private RuntimeException failure(String message, SQLException cause) {
    return SqlErrorClassifier.toException("%s (%s)".formatted(message, address()), cause);
  }
}
