package dev.agentlab.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.Migrator;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.http.ApiConventions;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.http.openapi.ResponseCheck;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.security.GrantableScopes;
import dev.agentlab.vault.KeyEncryptionKeySource;
import dev.agentlab.vault.PostgresConfigSecrets;
import dev.agentlab.vault.TestVault;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.postgresql.PGConnection;
import tools.jackson.databind.JsonNode;

/// The complete service in this JVM, on a free port and its own database. Registered as an
/// extension, it runs for all tests of a class.
public final class TestServer implements BeforeAllCallback, AfterAllCallback {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// The key-encryption key of all tests.
  private static final Map<String, String> SECRETS = Map.of("SECRETS_KEY", TestVault.KEY.reveal());

  private final DatabaseSettings settings;
  private final Dsn database;
  private final Path dataDir;
  private final Server server;

  /// Shared by all calls, because each client uses sockets and a thread.
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Optional<ResponseCheck> description = Optional.empty();

  public TestServer() {
    this(TestPostgres.migratedDatabase());
  }

  /// Uses an existing database, whose schema the start migrates.
  public TestServer(DatabaseSettings settings) {
    this(settings, dataDir(settings), SECRETS);
  }

  private static Path dataDir(DatabaseSettings settings) {
    String database = ((DatabaseSettings.External) settings.server()).dsn().database();
    return Path.of("target", "data", ProcessHandle.current().pid() + "-" + database);
  }

  /// @param variables of the environment, such as `SECRETS_KEY`
  public TestServer(DatabaseSettings settings, Path dataDir, Map<String, String> variables) {
    this.settings = settings;
    database = ((DatabaseSettings.External) settings.server()).dsn();
    this.dataDir = dataDir;
    server = new Server(config(database, dataDir, variables));
  }

  /// Creates a database of the Go original at version 3, takes it over, and returns settings for
  /// it.
  ///
  /// @param rows SQL that inserts rows before the take-over
  public static DatabaseSettings takenOverDatabase(String rows) {
    Dsn dsn = TestPostgres.originalDatabase(3);
    TestPostgres.execute(dsn, rows);
    try {
      PostgresTakeOver.run(
          new KeyEncryptionKeySource.Configured(TestVault.KEY, List.of()), new Migrator(dsn));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return TestPostgres.settings(dsn);
  }

  /// The scopes that can be granted.
  public static GrantableScopes scopes() {
    return Features.SCOPES;
  }

  /// Starts the service and waits until it is ready.
  public void start() {
    server.start();
    try {
      server.awaitStartup();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public void stop() {
    try {
      server.shutdown(PATIENCE);
      http.close();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    start();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    stop();
  }

  /// A client with the admin key that validates every response against the API description.
  public TestClient client() {
    return new TestClient(server.address(), http, this::check, Optional.of(adminKey()));
  }

  /// The URL of the service.
  public URI url() {
    return server.address();
  }

  /// The admin key, which the first start created.
  public String adminKey() {
    try {
      return Files.readString(dataDir.resolve("admin.key")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The routes of the service.
  public List<RouteGroup> routes() {
    return server.routes();
  }

  /// The data folder, which replicas on one database share.
  public Path dataDir() {
    return dataDir;
  }

  private void check(HttpResponse<String> answer) {
    if (isUndescribed(answer.request().uri().getRawPath())) {
      return;
    }
    assertThat(
            description()
                .violations(
                    answer.request().method(),
                    answer.request().uri().getRawPath(),
                    answer.statusCode(),
                    answer.headers().firstValue("Content-Type").orElse(""),
                    answer.body()))
        .isEmpty();
  }

  /// Whether the path is that of a page or of the API of a vendor, which the description does not
  /// contain.
  private boolean isUndescribed(String path) {
    return routes().stream()
        .filter(group -> !group.conventions().equals(ApiConventions.OWN))
        .anyMatch(group ->
            (!group.prefix().isEmpty() && path.startsWith(group.prefix() + "/"))
                || group.routes().stream()
                    .anyMatch(route -> matches(group.prefix() + route.path(), path)));
  }

  private static boolean matches(String template, String path) {
    int parameter = template.indexOf('{');
    return parameter < 0
        ? path.equals(template)
        : path.startsWith(template.substring(0, parameter));
  }

  private synchronized ResponseCheck description() {
    if (description.isEmpty()) {
      String json = TestClient.of(server.address()).get("/openapi.json").text();
      description = Optional.of(new ResponseCheck(Json.MAPPER.readTree(json).asObject()));
    }
    return description.get();
  }

  /// Decrypts a stored secret with the key-encryption key of all tests.
  ///
  /// @param field the JSON pointer of the secret in the configuration
  public String secret(String table, String id, String field) {
    JsonNode row =
        Json.MAPPER.readTree(stored("SELECT config FROM %s WHERE id = ?".formatted(table), id));
    ProviderConfig config =
        ProviderKinds.standard().readStored(table.equals("agents") ? row.path("provider") : row);
    Database pool = TestPostgres.start(settings);
    ProviderConfig opened =
        pool.read(connection ->
            new PostgresConfigSecrets(TestVault.start(pool).dataKeys(), table)
                .decrypt(connection, UUID.fromString(id), config));
    try {
      pool.stop(PATIENCE);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return opened.stored().at(field).asString();
  }

  /// Reads one value of the database.
  ///
  /// @param sql a query for one text by id
  public String stored(String sql, String id) {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, UUID.fromString(id));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The number of data keys of a row.
  public int secretsOf(String id) {
    return Integer.parseInt(stored("SELECT count(*) FROM data_keys WHERE owner_id = ?", id));
  }

  /// Executes SQL outside the service.
  public void execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Connection connect() throws SQLException {
    String url =
        "jdbc:postgresql://%s:%d/%s"
            .formatted(database.host(), database.port(), database.database());
    return DriverManager.getConnection(url, database.user(), databasePassword());
  }

  /// The rows of the database by table, as text and in the format of `COPY`.
  public Map<String, String> dump() {
    String tables =
        """
        SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
        WHERE table_schema NOT IN ('pg_catalog', 'information_schema')\
        """;
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      List<String> names = texts(statement, tables);
      Map<String, String> dump = new TreeMap<>();
      for (String name : names) {
        StringWriter copy = new StringWriter();
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("COPY (SELECT * FROM %s) TO STDOUT".formatted(name), copy);
        List<String> rows = texts(statement, "SELECT t::text FROM %s AS t".formatted(name));
        dump.put(name, String.join("\n", rows) + "\n" + copy);
      }
      return dump;
    } catch (SQLException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The database password of the service.
  public String databasePassword() {
    return database.password().orElseThrow().reveal();
  }

  private static List<String> texts(Statement statement, String sql) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }

  private static Config config(Dsn dsn, Path dataDir, Map<String, String> variables) {
    Map<String, String> environment = new HashMap<>(variables);
    environment.putAll(
        Map.of(
            "SERVER_HOST",
            "127.0.0.1",
            "DATABASE_HOST",
            dsn.host(),
            "DATABASE_PORT",
            Integer.toString(dsn.port()),
            "DATABASE_NAME",
            dsn.database(),
            "DATABASE_USER",
            dsn.user(),
            "DATABASE_PASSWORD",
            dsn.password().orElseThrow().reveal(),
            "DATABASE_SSLMODE",
            "disable",
            "DATABASE_MAX_OPEN_CONNS",
            "10",
            "DATABASE_MAX_IDLE_CONNS",
            "1",
            "LOGGING_LEVEL",
            "warn"));
    environment.putAll(
        Map.of(
            "SERVICE_DATA_DIR", dataDir.toAbsolutePath().toString(),
            "UPSTREAM_CONNECT_TIMEOUT", "2s",
            "UPSTREAM_RESPONSE_TIMEOUT", "5s",
            "UPSTREAM_STREAM_TIMEOUT", "10m"));
    return Config.load(dataDir, environment).with(Settings.SERVER_PORT, 0);
  }
}
