package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.UnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DatabaseIT {
  private static final int POOL = 10;

  private final Dsn dsn = TestPostgres.createEmpty();
  private final MeterRegistry metrics = new SimpleMeterRegistry();
  private final Database database = new Database(TestPostgres.settings(dsn), metrics);

  @BeforeAll
  void start() throws InterruptedException {
    database.start();
  }

  @AfterAll
  void stop() throws Exception {
    database.stop(Duration.ofSeconds(5));
  }

  @Test
  void startMigratesTheSchema() {
    long version =
        database.read(connection -> number(connection, "SELECT version FROM agent_lab_migrations"));
    assertThat(version).isEqualTo(Migration.ALL.getLast().version());
  }

  @Test
  void writeCommits() {
    database.write(connection -> update(connection, insert("committed")));
    assertThat(count("committed")).isEqualTo(1);
  }

  @Test
  void writeRollsBackOnAnyThrowable() {
    assertThatThrownBy(() ->
            database.write(connection -> {
              update(connection, insert("rolled back"));
              throw new AssertionError("thrown by the work");
            }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("thrown by the work");
    assertThat(count("rolled back")).isZero();
  }

  @Test
  void duplicateNameReportsItsConstraint() {
    database.write(connection -> update(connection, insert("taken")));
    assertThatThrownBy(() -> database.write(connection -> update(connection, insert("taken"))))
        .isInstanceOf(UniqueViolationException.class)
        .hasMessageContaining("providers_name_key");
  }

  @Test
  void invalidStatementIsRejected() {
    assertThatThrownBy(() -> database.read(connection -> number(connection, "SELECT nonsense")))
        .isExactlyInstanceOf(DatabaseException.class)
        .hasMessageContaining("nonsense");
  }

  @Test
  void runningDatabaseIsReady() {
    assertThat(database.unreadyReason()).isEmpty();
  }

  @Test
  void readIsRetriedOnAnotherConnection() {
    long pid = database.read(DatabaseIT::backend);
    TestPostgres.execute(dsn, "SELECT pg_terminate_backend(%d, 5000)".formatted(pid));
    assertThat(database.read(DatabaseIT::backend)).isNotEqualTo(pid);
  }

  @Test
  void runOnceIsNotRetried() {
    AtomicInteger runs = new AtomicInteger();
    assertThatThrownBy(() ->
            database.runOnce(connection -> {
              runs.incrementAndGet();
              return number(connection, "SELECT pg_terminate_backend(pg_backend_pid())::int");
            }))
        .isInstanceOf(UnavailableException.class);
    assertThat(runs).hasValue(1);
  }

  @Test
  void runOnceCommitsEachStatement() {
    assertThatThrownBy(() ->
            database.runOnce(connection -> {
              update(connection, insert("committed first"));
              return number(connection, "SELECT nonsense");
            }))
        .isInstanceOf(DatabaseException.class);
    assertThat(count("committed first")).isEqualTo(1);
  }

  @Test
  void resultIsReturnedAfterConnectionLoss() {
    long sum =
        database.runOnce(connection -> {
          long result = number(connection, "SELECT 1 + 1");
          connection.abort(Runnable::run);
          return result;
        });
    assertThat(sum).isEqualTo(2);
  }

  @Test
  void exhaustedPoolIsUnavailableAfterTimeout() {
    assertThatThrownBy(() -> holdAllConnections(POOL)).isInstanceOf(UnavailableException.class);
  }

  @Test
  void poolHasMetrics() {
    assertThat(metrics.get("hikaricp.connections.max").gauge().value()).isEqualTo(POOL);
  }

  private long holdAllConnections(int left) {
    return database.read(
        connection -> left < 0 ? backend(connection) : holdAllConnections(left - 1));
  }

  private static long backend(Connection connection) throws SQLException {
    return number(connection, "SELECT pg_backend_pid()");
  }

  private long count(String name) {
    return database.read(connection ->
        number(connection, "SELECT count(*) FROM providers WHERE name = '%s'".formatted(name)));
  }

  private static String insert(String name) {
    return "INSERT INTO providers (name, config) VALUES ('%s', '{}')".formatted(name);
  }

  private static int update(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
