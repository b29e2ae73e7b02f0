package dev.agentlab.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Moves a database's schema along the bundled migrations, one transaction each.
///
/// A session lock lets one process migrate at a time; the others wait, then find the work done. The
/// history of a release up to version 11 is carried over to where ours is before the first move. A
/// database of the Go original is only changed by [#takeOver].
///
/// All verbs throw [dev.agentlab.errors.UnavailableException] when the database cannot be reached
/// or a lock not be had in time, and [DatabaseException] when it must be put right by someone; both
/// with a message for the operator.
public final class Migrator {
  private static final Logger LOG = LoggerFactory.getLogger(Migrator.class);

  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
  private static final Duration LOCK_POLL = Duration.ofMillis(100);
  private static final Duration CONN_TIMEOUT = Duration.ofSeconds(5);

  /// The newest version at which the Go original has the same tables.
  private static final long LAST_COMMON = 3;

  /// The step that an earlier release may have applied to a database of the original.
  private static final Migration CHANGES = new Migration("000006_changes");

  private final ConnectionFactory connector;
  private final List<Migration> migrations;

  /// Where a schema stands.
  ///
  /// @param version empty before the first step
  /// @param original the version of the Go original, if the database is one of its own
  public record State(OptionalLong version, OptionalLong original) {

    /// The bundled migrations above that version, in ascending order; none if the schema is newer
    /// than this program.
    public List<Migration> missing() {
      return Migration.ALL.stream().filter(it -> it.version() > version.orElse(0)).toList();
    }
  }

  /// One step taken.
  public record Step(Migration migration, boolean up) {
    @Override
    public String toString() {
      return migration.name() + (up ? " up" : " down");
    }
  }

  private interface Recording {
    void record(Connection connection) throws SQLException;
  }

  public Migrator(Dsn dsn) {
    this(new ConnectionFactory(dsn, CONN_TIMEOUT), Migration.ALL);
  }

  /// @param migrations in ascending order of version
  Migrator(ConnectionFactory connector, List<Migration> migrations) {
    this.connector = connector;
    this.migrations = List.copyOf(migrations);
  }

  /// Where the schema stands now.
  public State state() {
    try (Connection connection = connect()) {
      return state(connection);
    } catch (SQLException e) {
      throw failure("cannot read the schema's version", e);
    }
  }

  /// Takes all steps not taken yet. Takes no lock if there is nothing to do.
  ///
  /// @return the steps taken
  /// @throws DatabaseException if the database is one of the Go original, which is not changed
  public List<Step> up() throws InterruptedException {
    try (Connection connection = connect()) {
      if (SchemaHistory.read(connection) instanceof SchemaHistory.Own own
          && position(own) == migrations.size()) {
        return List.of();
      }
      return move(connection, Integer.MAX_VALUE);
    } catch (SQLException e) {
      throw failure("cannot migrate", e);
    }
  }

  /// Takes all steps back: what the tables hold is lost. A database that was taken over is given
  /// back to the Go original, with its providers and agents.
  ///
  /// @return the steps taken back
  /// @throws DatabaseException if a service is connected, as for [#steps]
  public List<Step> down() throws InterruptedException {
    return steps(-migrations.size());
  }

  /// Takes steps, or takes them back if the number is negative; fewer when there are no more.
  ///
  /// @return the steps taken
  /// @throws DatabaseException if they are to be taken back while a service is connected, which
  ///   could not go on without them; or as for [#up]
  public List<Step> steps(int steps) throws InterruptedException {
    try (Connection connection = connect()) {
      return move(connection, steps);
    } catch (SQLException e) {
      throw failure("cannot migrate", e);
    }
  }

  /// What [#steps] of a negative number would lose.
  public RollbackLosses losses(int steps) {
    try (Connection connection = connect()) {
      SchemaHistory.Own own = ours(SchemaHistory.read(connection));
      int position = position(own);
      int target = target(own, position, steps);
      boolean givesBack = own.original().isPresent() && target == floor(own);
      return new RollbackLosses(
          givesBack ? own.original() : OptionalLong.empty(),
          RollbackLosses.secrets(
              connection, version(position).orElse(0), version(target).orElse(0)));
    } catch (SQLException e) {
      throw failure("cannot read the schema's version", e);
    }
  }

  /// Takes all steps on a database of the Go original, in one transaction. Its own tables and rows
  /// stay as they are, and [#down] leads back to the version it had.
  ///
  /// @return the steps taken; none if the database was taken over before
  /// @throws DatabaseException if the database is not one of the original, or a program is
  ///   connected that may be the original
  public List<Step> takeOver() throws InterruptedException {
    try (Connection connection = connect()) {
      lock(connection);
      return switch (SchemaHistory.read(connection)) {
        case SchemaHistory.Original original -> takeOver(connection, original);
        case SchemaHistory.Own own when own.original().isPresent() -> List.of();
        case SchemaHistory.Unknown(String reason) -> throw unusable(reason);
        default ->
            throw new DatabaseException(
                "the database %s is not one of the Go original: there is nothing to take over"
                    .formatted(address()),
                null);
      };
    } catch (SQLException e) {
      throw failure("taking the database over failed and was undone", e);
    }
  }

  private List<Step> takeOver(Connection connection, SchemaHistory.Original original)
      throws SQLException {
    requireNoClient(
        connection,
        "application_name = ''",
        "a program that gives no name, as the Go original does not, uses the database %s (connections: %d);"
            + " stop the original before its database is taken over");
    List<Step> steps =
        migrations.stream()
            .filter(it -> it.version() > Math.min(original.version(), LAST_COMMON))
            .map(it -> new Step(it, true))
            .toList();
    Transactions.in(
        connection,
        it -> {
          if (original.hasChanges()) {
            run(it, new Step(CHANGES, false));
          }
          for (Step step : steps) {
            run(it, step);
          }
          SchemaHistory.takeOver(it, version(migrations.size()), original);
          return steps;
        });
    LOG.info(
        "took over the database of the Go original at its version {}: {}",
        original.version(),
        steps);
    return steps;
  }

  /// Declares that the schema is at a version, without taking a step.
  ///
  /// @param version of a bundled migration; 0 or -1 for none
  /// @throws DatabaseException if there is no such version, or as for [#up]
  public void force(long version) throws InterruptedException {
    try (Connection connection = connect()) {
      lock(connection);
      SchemaHistory.Recorded recorded = SchemaHistory.read(connection);
      long lowest = ours(recorded).original().isPresent() ? LAST_COMMON + 1 : 0;
      boolean none = lowest == 0 && (version == 0 || version == -1);
      if (!none
          && migrations.stream().noneMatch(it -> it.version() == version && version >= lowest)) {
        throw new DatabaseException(
            "cannot force version %d: it must be %s to %d"
                .formatted(version, lowest == 0 ? "0 (none)" : lowest, latest()),
            null);
      }
      if (recorded instanceof SchemaHistory.Earlier earlier) {
        carryOver(connection, earlier);
      }
      OptionalLong forced = none ? OptionalLong.empty() : OptionalLong.of(version);
      Transactions.in(
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
    return connector.migration().getConnection();
  }

  private List<Step> move(Connection connection, int steps)
      throws SQLException, InterruptedException {
    lock(connection);
    SchemaHistory.Recorded recorded = SchemaHistory.read(connection);
    SchemaHistory.Own own = ours(recorded);
    int position = position(own);
    int target = target(own, position, steps);
    if (target < position) {
      requireNoClient(
          connection,
          "starts_with(application_name, '%s') AND application_name <> '%s'"
              .formatted(ConnectionFactory.APPLICATION, ConnectionFactory.MIGRATION),
          "a service uses the database %s (connections: %d); stop every service that uses it before steps are taken back");
    }
    if (recorded instanceof SchemaHistory.Earlier earlier) {
      carryOver(connection, earlier);
    }
    List<Step> taken = new ArrayList<>();
    while (position < target) {
      OptionalLong version = version(position + 1);
      taken.add(
          take(
              connection,
              new Step(migrations.get(position), true),
              it -> SchemaHistory.record(it, version)));
      position++;
    }
    while (position > target) {
      position--;
      OptionalLong version = version(position);
      Recording recording =
          position > target
              ? it -> SchemaHistory.record(it, version)
              : it -> recordBack(it, own, target);
      taken.add(take(connection, new Step(migrations.get(position), false), recording));
    }
    return List.copyOf(taken);
  }

  private void recordBack(Connection connection, SchemaHistory.Own own, int target)
      throws SQLException {
    if (own.original().isEmpty()) {
      SchemaHistory.recordBack(connection, version(target));
    } else if (target == floor(own)) {
      SchemaHistory.giveBack(connection, own.original().getAsLong());
    } else {
      SchemaHistory.record(connection, version(target));
    }
  }

  private static void carryOver(Connection connection, SchemaHistory.Earlier earlier)
      throws SQLException {
    Transactions.in(
        connection,
        it -> {
          SchemaHistory.carryOver(it, earlier.version());
          return earlier;
        });
    LOG.info(
        "moved the schema's history from schema_migrations to agent_lab_migrations at version {}",
        earlier.version());
  }

  /// The history, wherever it is recorded.
  ///
  /// @throws DatabaseException if it is not ours
  private SchemaHistory.Own ours(SchemaHistory.Recorded recorded) {
    return switch (recorded) {
      case SchemaHistory.Own own -> own;
      case SchemaHistory.Earlier(long version) ->
          new SchemaHistory.Own(OptionalLong.of(version), OptionalLong.empty());
      case SchemaHistory.Original(long version, _) ->
          throw new DatabaseException(ofTheOriginal(address(), version), null);
      case SchemaHistory.Unknown(String reason) -> throw unusable(reason);
    };
  }

  /// Clients tell who they are by a name that every connection has; only those of the same database
  /// count.
  private void requireNoClient(Connection connection, String condition, String refusal)
      throws SQLException {
    String sql =
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND backend_type = 'client backend' AND %s
        """
            .formatted(condition);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      if (row.getLong(1) > 0) {
        throw new DatabaseException(refusal.formatted(address(), row.getLong(1)), null);
      }
    }
  }

  /// Applies a step and records it, together or not at all.
  private Step take(Connection connection, Step step, Recording recording) throws SQLException {
    try {
      Transactions.in(
          connection,
          it -> {
            run(it, step);
            recording.record(it);
            return step;
          });
    } catch (SQLException e) {
      throw failure("migration %s failed and was undone".formatted(step), e);
    }
    LOG.info("migrated the database: {}", step);
    return step;
  }

  private static void run(Connection connection, Step step) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(step.up() ? step.migration().up() : step.migration().down());
    }
  }

  /// How many of the steps are taken.
  ///
  /// @throws DatabaseException if the schema is not at one of them
  private int position(SchemaHistory.Own own) {
    if (own.version().isEmpty()) {
      return 0;
    }
    long version = own.version().getAsLong();
    for (int index = 0; index < migrations.size(); index++) {
      if (migrations.get(index).version() == version) {
        return index + 1;
      }
    }
    throw new DatabaseException(
        "the schema is at version %d and this agent-lab knows versions up to %d; run a newer"
                .formatted(version, latest())
            + " agent-lab, or let the newer one migrate down first",
        null);
  }

  /// The schema's version with so many of the steps taken.
  private OptionalLong version(int position) {
    return position == 0
        ? OptionalLong.empty()
        : OptionalLong.of(migrations.get(position - 1).version());
  }

  private int target(SchemaHistory.Own own, int position, int steps) {
    return Math.clamp((long) position + steps, Math.min(floor(own), position), migrations.size());
  }

  /// How many of the steps are never taken back: those that the Go original took itself.
  private int floor(SchemaHistory.Own own) {
    long version = Math.min(own.original().orElse(0), LAST_COMMON);
    return (int) migrations.stream().filter(it -> it.version() <= version).count();
  }

  static State state(Connection connection) throws SQLException {
    return switch (SchemaHistory.read(connection)) {
      case SchemaHistory.Own own -> new State(own.version(), OptionalLong.empty());
      case SchemaHistory.Earlier(long version) ->
          new State(OptionalLong.of(version), OptionalLong.empty());
      case SchemaHistory.Original(long version, _) ->
          new State(OptionalLong.empty(), OptionalLong.of(version));
      case SchemaHistory.Unknown(String reason) -> throw new DatabaseException(reason, null);
    };
  }

  private long latest() {
    return migrations.getLast().version();
  }

  /// Polls: a session that sleeps in `pg_advisory_lock` holds a snapshot, and an index that another
  /// one builds concurrently would wait for it.
  private static void lock(Connection connection) throws SQLException, InterruptedException {
    // From here on an answer may take long: a step rewrites tables.
    connection.setNetworkTimeout(Runnable::run, 0);
    long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
    while (!AdvisoryLock.SCHEMA.take(connection)) {
      if (System.nanoTime() > deadline) {
        throw new SQLException("another process migrates this database since long", "55P03");
      }
      Thread.sleep(LOCK_POLL);
    }
  }

  /// What to do with a database of the Go original.
  public static String ofTheOriginal(String database, long version) {
    return "the database %s is one of the Go original, at its version %d, and was not changed;"
            .formatted(database, version)
        + " stop the original, back the database up and run `agent-lab migrate --take-over`";
  }

  private String address() {
    return connector.dsn().address();
  }

  private DatabaseException unusable(String reason) {
    return new DatabaseException("cannot migrate (%s): %s".formatted(address(), reason), null);
  }

  private RuntimeException failure(String action, SQLException failure) {
    return SqlErrors.of("%s (%s)".formatted(action, address()), failure);
  }
}
