package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.agentlab.config.SslMode;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.secrets.Secret;
import dev.agentlab.testing.Await;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tests a server that crashes, freezes, is unavailable or recovers while the service uses it.
class DatabaseFaultsIT {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseFaultsIT.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  /// An upper bound for the timeouts of 1 to 3 s on a busy machine. Without timeouts the driver
  /// would wait longer, or indefinitely.
  private static final Duration MAX_DELAY = Duration.ofSeconds(10);

  @TempDir private Path dataDir;

  private int port;
  private Secret password = Secret.of("");
  private EmbeddedPostgres server = new EmbeddedPostgres(Path.of("none"), TestServers.NAME, 1);

  @BeforeEach
  void startServer() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    TestServers.prepare(dataDir);
    server = TestServers.server(dataDir, port);
    server.start();
    password = Secret.of(server.access().password());
  }

  @AfterEach
  void stopServer() throws Exception {
    server.stop(Duration.ofSeconds(5));
  }

  @Test
  void poolRecoversAfterServerRestart() throws Exception {
    Database database = TestPostgres.start(settings());
    try {
      selectOne(database);
      server.stop(TIMEOUT);
      assertThat(database.unreadyReason()).isPresent();
      assertUnavailableWithin(MAX_DELAY, () -> selectOne(database));
      assertUnavailableWithin(MAX_DELAY, () -> insert(database, "lost"));
      server.start();
      Await.until("the database is available", () -> isAvailable(database));
      Await.until("the database is ready", () -> database.unreadyReason().isEmpty());
    } finally {
      database.stop(TIMEOUT);
    }
  }

  @Test
  void readSurvivesRestartBetweenUsesOfConnection() throws Exception {
    Database database = TestPostgres.start(settings());
    try {
      selectOne(database);
      server.stop(TIMEOUT);
      server.start();
      assertThat(selectOne(database)).isEqualTo(1);
    } finally {
      database.stop(TIMEOUT);
    }
  }

  @Test
  void frozenServerTimesOutReadsAndWrites() throws Exception {
    Database database = TestPostgres.start(settings());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      runConcurrently(threads, () -> selectOne(database));
      TestServers.signal(dataDir, "STOP");
      try {
        runConcurrently(
            threads, () -> assertUnavailableWithin(MAX_DELAY, () -> selectOne(database)));
        assertUnavailableWithin(MAX_DELAY, () -> insert(database, "lost"));
        long startedAt = System.nanoTime();
        assertThat(database.unreadyReason()).isPresent();
        assertThat(elapsedSince(startedAt)).isLessThan(MAX_DELAY);
      } finally {
        TestServers.signal(dataDir, "CONT");
      }
      Await.until("the database is available", () -> isAvailable(database));
      Await.until("the database is ready", () -> database.unreadyReason().isEmpty());
    } finally {
      database.stop(TIMEOUT);
    }
  }

  @Test
  void frozenServerDoesNotBlockStop() throws Exception {
    Database database = TestPostgres.start(settings());
    selectOne(database);
    TestServers.signal(dataDir, "STOP");
    try {
      long startedAt = System.nanoTime();
      database.stop(Duration.ofSeconds(2));
      assertThat(elapsedSince(startedAt)).isLessThan(MAX_DELAY);
    } finally {
      TestServers.signal(dataDir, "CONT");
    }
  }

  @Test
  void slowStatementIsCancelledAndConnectionReused() throws Exception {
    Database database = TestPostgres.start(settings());
    try {
      assertUnavailableWithin(
          MAX_DELAY,
          () ->
              database.read(connection -> {
                try (Statement statement = connection.createStatement()) {
                  return statement.execute("SELECT pg_sleep(60)");
                }
              }));
      assertThat(selectOne(database)).isEqualTo(1);
    } finally {
      database.stop(TIMEOUT);
    }
  }

  @Test
  void startWaitsForUnavailableServer() throws Exception {
    server.stop(TIMEOUT);
    Database database = new Database(settings(), new SimpleMeterRegistry());
    CompletableFuture<Void> start = CompletableFuture.runAsync(() -> start(database));
    assertThat(database.unreadyReason()).isPresent();
    assertThatThrownBy(() -> selectOne(database)).isInstanceOf(UnavailableException.class);
    server.start();
    try {
      start.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      assertThat(database.unreadyReason()).isEmpty();
    } finally {
      database.stop(TIMEOUT);
    }
  }

  @Test
  void pooledConnectionOpensOnceServerIsAvailable() throws Exception {
    server.stop(TIMEOUT);
    RetryingDataSource source = new ConnectionFactory(dsn(), TIMEOUT).pooledDataSource();
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<Connection> opened = thread.submit(() -> source.getConnection());
      server.start();
      try (Connection connection = opened.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        assertThat(connection.isValid(1)).isTrue();
      }
    }
  }

  @Test
  void pooledConnectionIsNotRetriedOnPermanentError() throws Exception {
    assertThatThrownBy(() ->
            new ConnectionFactory(dsn("agent_lab", "wrong"), TIMEOUT)
                .pooledDataSource()
                .getConnection())
        .hasMessageContaining("password authentication failed");
    server.stop(TIMEOUT);
    RetryingDataSource source = new ConnectionFactory(dsn(), TIMEOUT).pooledDataSource();
    source.stopRetries();
    assertThatThrownBy(source::getConnection).hasMessageContaining("refused");
  }

  @Test
  void waitingStartCanBeInterrupted() throws Exception {
    server.stop(TIMEOUT);
    Database database = new Database(settings(), new SimpleMeterRegistry());
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread starter =
        Thread.ofPlatform()
            .start(() -> {
              try {
                database.start();
              } catch (InterruptedException e) {
                interrupted.set(true);
              }
            });
    starter.interrupt();
    starter.join(TIMEOUT);
    assertThat(interrupted).isTrue();
  }

  @Test
  void startFailsOnPermanentError() {
    for (Dsn wrong : List.of(dsn("agent_lab", "wrong"), dsn("nobody", "wrong"))) {
      Database database = new Database(TestPostgres.settings(wrong), new SimpleMeterRegistry());
      assertThatThrownBy(database::start)
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining(
              "password authentication failed for user \"%s\"".formatted(wrong.user()));
    }
    Dsn elsewhere =
        new Dsn("127.0.0.1", port, "elsewhere", "agent_lab", dsn().password(), SslMode.DISABLE);
    assertThatThrownBy(
            () -> new Database(TestPostgres.settings(elsewhere), new SimpleMeterRegistry()).start())
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("database \"elsewhere\" does not exist");
    TestPostgres.execute(
        dsn(),
        """
        CREATE TABLE agent_lab_migrations (version BIGINT, original_version BIGINT);
        INSERT INTO agent_lab_migrations VALUES (77, NULL)\
        """);
    assertThatThrownBy(() -> new Database(settings(), new SimpleMeterRegistry()).start())
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("version 77");
  }

  @Test
  void killedServerLosesNoAcknowledgedWrite() throws Exception {
    server.stop(TIMEOUT);
    Database database =
        new Database(
            new DatabaseSettings(
                new DatabaseSettings.Embedded(
                    dataDir, (_, _) -> fail("no database of an older version")),
                new DatabaseSettings.Pool(8, 1, Duration.ofMinutes(15), Duration.ofSeconds(5))),
            new SimpleMeterRegistry());
    database.start();
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    AtomicBoolean enough = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> writers =
          IntStream.range(0, 4)
              .<Future<?>>mapToObj(writer ->
                  threads.submit(() -> {
                    for (int i = 0; !enough.get(); i++) {
                      insertIfPossible(database, "w%d-%d".formatted(writer, i), acknowledged);
                    }
                  }))
              .toList();
      for (int kill = 0; kill < 3; kill++) {
        int before = acknowledged.size();
        Await.until("more writes are acknowledged", acknowledged::size, it -> it > before + 50);
        TestServers.signal(dataDir, "KILL");
      }
      int before = acknowledged.size();
      Await.until("more writes are acknowledged", acknowledged::size, it -> it > before + 50);
      enough.set(true);
      for (Future<?> writer : writers) {
        writer.get();
      }
      assertThat(names(database)).containsAll(acknowledged);
    } finally {
      enough.set(true);
      database.stop(TIMEOUT);
    }
  }

  private static void insertIfPossible(Database database, String name, Set<String> acknowledged) {
    try {
      insert(database, name);
      acknowledged.add(name);
    } catch (UnavailableException e) {
      LOG.debug("not acknowledged: {}", name);
    }
  }

  private static int insert(Database database, String name) {
    return database.write(connection -> {
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO providers (name, config) VALUES (?, '{}')")) {
        insert.setString(1, name);
        return insert.executeUpdate();
      }
    });
  }

  private static Set<String> names(Database database) {
    return database.read(connection -> {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT name FROM providers")) {
        Set<String> names = new HashSet<>();
        while (rows.next()) {
          names.add(rows.getString(1));
        }
        return names;
      }
    });
  }

  private static int selectOne(Database database) {
    return database.read(connection -> {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT 1")) {
        row.next();
        return row.getInt(1);
      }
    });
  }

  private static boolean isAvailable(Database database) {
    try {
      return selectOne(database) == 1;
    } catch (UnavailableException e) {
      return false;
    }
  }

  private static void start(Database database) {
    try {
      database.start();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private DatabaseSettings settings() {
    return TestPostgres.settings(dsn());
  }

  private Dsn dsn() {
    return dsn("agent_lab", password.reveal());
  }

  private Dsn dsn(String user, String password) {
    return Dsn.parse(
        "postgres://%s:%s@127.0.0.1:%d/agent_lab?sslmode=disable".formatted(user, password, port));
  }

  private static void runConcurrently(ExecutorService threads, Runnable work) throws Exception {
    List<Future<?>> runs =
        IntStream.range(0, 32).<Future<?>>mapToObj(_ -> threads.submit(work)).toList();
    for (Future<?> run : runs) {
      run.get();
    }
  }

  private static Duration elapsedSince(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private static void assertUnavailableWithin(Duration limit, Callable<?> call) {
    long begin = System.nanoTime();
    assertThatThrownBy(call::call).isInstanceOf(UnavailableException.class);
    assertThat(elapsedSince(begin)).isLessThan(limit);
  }
}
