package dev.agentlab.database;

import dev.agentlab.config.SslMode;
import dev.agentlab.postgres.EmbeddedPostgres;
import dev.agentlab.postgres.TestServers;
import dev.agentlab.secrets.Secret;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A PostgreSQL server for tests, shared by all tests of this JVM, with a database for each test.
/// It starts on first use and stops when the JVM exits.
public final class TestPostgres {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private TestPostgres() {}

  /// Creates an empty database and returns settings for it.
  public static DatabaseSettings emptyDatabase() {
    return settings(createEmpty());
  }

  /// Creates a database of the Go original.
  ///
  /// @param version the version of its schema, 1 to 7
  public static Dsn originalDatabase(int version) {
    Dsn dsn = createEmpty();
    for (int step = 1; step <= version; step++) {
      execute(dsn, originalDump(step));
    }
    execute(dsn, "INSERT INTO schema_migrations VALUES (%d, false)".formatted(version));
    return dsn;
  }

  private static String originalDump(int version) {
    String resource = "/original/%d.sql".formatted(version);
    try (InputStream sql = TestPostgres.class.getResourceAsStream(resource)) {
      return new String(Objects.requireNonNull(sql).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Creates a database with an up-to-date schema and returns settings for it.
  public static DatabaseSettings migratedDatabase() {
    return settings(create("TEMPLATE " + Template.NAME));
  }

  /// Starts a pool for a new database with an up-to-date schema. The test must stop it.
  public static Database startMigrated() {
    return start(migratedDatabase());
  }

  /// Starts a pool. The test must stop it.
  public static Database start(DatabaseSettings settings) {
    Database database = new Database(settings, new SimpleMeterRegistry());
    try {
      database.start();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return database;
  }

  /// Creates an empty database, owned by the connecting role, which is not a superuser.
  static Dsn createEmpty() {
    return create("TEMPLATE template0");
  }

  /// Returns settings with the pool of most tests.
  public static DatabaseSettings settings(Dsn dsn) {
    return new DatabaseSettings(
        new DatabaseSettings.External(dsn),
        new DatabaseSettings.Pool(10, 1, Duration.ofMinutes(15), Duration.ofSeconds(5)));
  }

  /// Executes statements outside the pool.
  public static void execute(Dsn dsn, String sql) {
    try (Connection connection =
            new ConnectionFactory(dsn, Duration.ofSeconds(5))
                .migrationDataSource()
                .getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Dsn create(String template) {
    String name = "test_" + DATABASES.incrementAndGet();
    execute(Server.superuser(), "CREATE DATABASE %s OWNER agent_lab %s".formatted(name, template));
    return Server.owner(name);
  }

  /// The server, started when this class is initialized.
  private static final class Server {
    private static final Path FOLDER = createFolder();
    private static final EmbeddedPostgres SERVER = startServer();

    private static Dsn owner(String database) {
      return dsn(database, TestServers.NAME, Secret.of(SERVER.access().password()));
    }

    private static Dsn superuser() {
      try {
        Path password = FOLDER.resolve("postgres/cluster/postgres.password");
        return dsn("postgres", "postgres", Secret.of(Files.readString(password)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Dsn dsn(String database, String user, Secret password) {
      return new Dsn(
          "127.0.0.1",
          SERVER.access().port(),
          database,
          user,
          Optional.of(password),
          SslMode.DISABLE);
    }

    private static Path createFolder() {
      try {
        return Files.createTempDirectory("agent-lab-test");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static EmbeddedPostgres startServer() {
      try {
        TestServers.prepare(FOLDER);
        EmbeddedPostgres server = TestServers.fastServer(FOLDER);
        server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server)));
        return server;
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private static void end(EmbeddedPostgres server) {
      try {
        server.stop(Duration.ofSeconds(5));
        TestServers.delete(FOLDER);
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// A migrated template database, created when this class is initialized.
  private static final class Template {
    private static final String NAME = createTemplate();

    private static String createTemplate() {
      Dsn dsn = createEmpty();
      try {
        new Migrator(dsn).up();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return dsn.database();
    }
  }
}
