package dev.agentlab.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
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
/// The history is golang-migrate's: a table `schema_migrations` with one row, or none before the
/// first step. A session lock lets one process migrate at a time; the others wait, then find the
/// work done.
///
/// All verbs throw [dev.agentlab.errors.UnavailableException] when the database cannot be reached
/// or a lock not be had in time, and [DatabaseException] when it must be put right by someone; both
/// with a message for the operator.
public final class Migrator {
  private static final Logger LOG = LoggerFactory.getLogger(Migrator.class);

  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
  private static final Duration LOCK_POLL = Duration.ofMillis(100);
  private static final Duration CONN_TIMEOUT = Duration.ofSeconds(5);
  private static final String UNDEFINED_TABLE = "42P01";

  private final Connector connector;
  private final List<Migration> migrations;

  /// Where a schema stands.
  ///
  /// @param version empty before the first step
  /// @param dirty whether golang-migrate was interrupted on the way to that version
  public record State(OptionalLong version, boolean dirty) {

    /// The bundled migrations above that version, in ascending order; none if the schema is newer
    /// than this program.
    public List<Migration> missing() {
      return Migration.ALL.stream().filter(it -> it.version() > version.orElse(0)).toList();
    }

    @Override
    public String toString() {
      String text = version.isPresent() ? Long.toString(version.getAsLong()) : "none";
      return dirty ? text + " (dirty)" : text;
    }
  }

  /// One step taken.
  public record Step(Migration migration, boolean up) {
    @Override
    public String toString() {
      return migration.name() + (up ? " up" : " down");
    }
  }

  public Migrator(Dsn dsn) {
    this(new Connector(dsn, CONN_TIMEOUT), Migration.ALL);
  }

  /// @param migrations in ascending order of version
  Migrator(Connector connector, List<Migration> migrations) {
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

  /// Takes all steps not taken yet. Takes no lock if there are none.
  ///
  /// @return the steps taken
  public List<Step> up() throws InterruptedException {
    try (Connection connection = connect()) {
      State state = state(connection);
      if (position(state) == migrations.size()) {
        return List.of();
      }
      return move(connection, Integer.MAX_VALUE);
    } catch (SQLException e) {
      throw failure("cannot migrate", e);
    }
  }

  /// Takes all steps back: what the tables hold is lost.
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
  ///   could not go on without them
  public List<Step> steps(int steps) throws InterruptedException {
    try (Connection connection = connect()) {
      return move(connection, steps);
    } catch (SQLException e) {
      throw failure("cannot migrate", e);
    }
  }

  /// Declares that the schema is at a version and clean, without taking a step.
  ///
  /// @param version of a bundled migration; 0 or -1 for none
  public void force(long version) throws InterruptedException {
    boolean none = version == 0 || version == -1;
    if (!none && migrations.stream().noneMatch(it -> it.version() == version)) {
      throw new DatabaseException(
          "cannot force version %d: it must be 0 (none) to %d".formatted(version, latest()), null);
    }
    try (Connection connection = connect()) {
      lock(connection);
      Transactions.in(
          connection, it -> record(it, none ? OptionalLong.empty() : OptionalLong.of(version)));
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
    List<Step> taken = new ArrayList<>();
    int position = position(state(connection));
    int target = Math.clamp((long) position + steps, 0, migrations.size());
    if (target < position) {
      requireNoService(connection);
    }
    while (position < target) {
      taken.add(take(connection, new Step(migrations.get(position), true)));
      position++;
    }
    while (position > target) {
      position--;
      taken.add(take(connection, new Step(migrations.get(position), false)));
    }
    return List.copyOf(taken);
  }

  /// Every connection of a service says so in its name; only those of the same database count.
  private void requireNoService(Connection connection) throws SQLException {
    String sql =
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND starts_with(application_name, ?)
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, Connector.APPLICATION);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (row.getLong(1) > 0) {
          throw new DatabaseException(
              "a service uses the database %s (connections: %d); stop every service that uses it before steps are taken back"
                  .formatted(connector.dsn().address(), row.getLong(1)),
              null);
        }
      }
    }
  }

  private Step take(Connection connection, Step step) throws SQLException {
    Migration migration = step.migration();
    OptionalLong version = step.up() ? OptionalLong.of(migration.version()) : before(migration);
    try {
      Transactions.in(
          connection,
          it -> {
            try (Statement statement = it.createStatement()) {
              statement.execute(step.up() ? migration.up() : migration.down());
            }
            return record(it, version);
          });
    } catch (SQLException e) {
      throw failure("migration %s failed and was undone".formatted(step), e);
    }
    LOG.info("migrated the database: {}", step);
    return step;
  }

  private OptionalLong before(Migration migration) {
    int index = migrations.indexOf(migration);
    return index == 0 ? OptionalLong.empty() : OptionalLong.of(migrations.get(index - 1).version());
  }

  private static OptionalLong record(Connection connection, OptionalLong version)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE IF NOT EXISTS schema_migrations (
              version BIGINT NOT NULL PRIMARY KEY,
              dirty   BOOLEAN NOT NULL
          );
          DELETE FROM schema_migrations\
          """);
    }
    if (version.isPresent()) {
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO schema_migrations VALUES (?, false)")) {
        insert.setLong(1, version.getAsLong());
        insert.executeUpdate();
      }
    }
    return version;
  }

  static State state(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT version, dirty FROM schema_migrations")) {
      return row.next()
          ? new State(OptionalLong.of(row.getLong(1)), row.getBoolean(2))
          : new State(OptionalLong.empty(), false);
    } catch (SQLException e) {
      if (UNDEFINED_TABLE.equals(e.getSQLState())) {
        return new State(OptionalLong.empty(), false);
      }
      throw e;
    }
  }

  /// How many of the steps are taken.
  ///
  /// @throws DatabaseException if the schema is not at one of them
  private int position(State state) {
    if (state.dirty()) {
      throw new DatabaseException(
          "the schema is at version %s: a migration was interrupted; mend the schema by hand, then"
                  .formatted(state)
              + " declare its version with migrate --force",
          null);
    }
    if (state.version().isEmpty()) {
      return 0;
    }
    long version = state.version().getAsLong();
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

  private RuntimeException failure(String action, SQLException failure) {
    return Failures.of("%s (%s)".formatted(action, connector.dsn().address()), failure);
  }
}
