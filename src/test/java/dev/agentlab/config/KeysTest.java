package dev.agentlab.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.agentlab.config.DatabaseConfig.Mode;
import dev.agentlab.config.LoggingConfig.Format;
import dev.agentlab.config.LoggingConfig.Level;
import dev.agentlab.secrets.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What each key is called, what it is by default, where it ends up and what it refuses.
class KeysTest {

  /// Values to try on a key.
  ///
  /// @param toml in a file, which then ends up as `fromFile`
  /// @param text in the environment, which then ends up as `fromEnvironment`
  /// @param wrong in a file, where it is refused as not being what is `accepted`
  record Samples(
      String toml,
      Object fromFile,
      String text,
      Object fromEnvironment,
      String wrong,
      String accepted) {}

  /// @param part where the value ends up
  record Row(
      String key,
      String environment,
      Function<Config, Object> part,
      Object byDefault,
      Samples samples) {

    /// What must be set with it: the host alone would ask for the rest of an external database,
    /// authentication may be off on loopback only, previous keys ask for the one in their place.
    Map<String, String> surroundings() {
      return switch (key) {
        case "database.host" -> Map.of("DATABASE_MODE", "embedded");
        case "auth.enabled" -> Map.of("SERVER_HOST", "127.0.0.1");
        case "server.tls_cert" -> Map.of("SERVER_TLS_KEY", "/key.pem");
        case "server.tls_key" -> Map.of("SERVER_TLS_CERT", "/cert.pem");
        case "auth.oidc_issuer" -> Map.of("AUTH_OIDC_AUDIENCE", "lab");
        case "auth.oidc_audience" -> Map.of("AUTH_OIDC_ISSUER", "https://id.example");
        case "auth.oidc_scopes_claim" ->
            Map.of("AUTH_OIDC_ISSUER", "https://id.example", "AUTH_OIDC_AUDIENCE", "lab");
        case "secrets.previous_keys" -> Map.of("SECRETS_KEY", ONE_KEY);
        default -> Map.of();
      };
    }

    @Override
    public String toString() {
      return key;
    }
  }

  private static final String ONE_KEY = "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=";
  private static final String OTHER_KEY = "YW5vdGhlciBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=";

  private static final Samples TEXT =
      new Samples("'a file'", "a file", "a variable", "a variable", "' '", "text, not empty");
  private static final Samples SECRET =
      new Samples(
          "'a file'",
          Secret.of("a file"),
          "a variable",
          Secret.of("a variable"),
          "5",
          "text, written in quotes");
  private static final Samples PATH =
      new Samples("'/srv/a'", Path.of("/srv/a"), "/srv/b", Path.of("/srv/b"), "''", "a path");
  private static final Samples OPTIONAL_PATH =
      new Samples(
          "'/srv/a'",
          Optional.of(Path.of("/srv/a")),
          "/srv/b",
          Optional.of(Path.of("/srv/b")),
          "5",
          "a path, written in quotes");
  private static final Samples ISSUER =
      new Samples(
          "'https://id.example/realms/lab'",
          Optional.of("https://id.example/realms/lab"),
          "http://localhost:9000",
          Optional.of("http://localhost:9000"),
          "'http://id.example'",
          "a URL by https without query or fragment, such as https://id.example.org/realms/lab");
  private static final Samples AUDIENCE =
      new Samples(
          "'lab'",
          Optional.of("lab"),
          "other",
          Optional.of("other"),
          "5",
          "text, not empty, written in quotes");
  private static final Samples TIMEOUT =
      new Samples(
          "'7s'",
          Duration.ofSeconds(7),
          "1m30s",
          Duration.ofSeconds(90),
          "'0'",
          "a duration from 1ms to 24h, such as 30s or 1h30m");
  private static final Samples LIFETIME =
      new Samples(
          "'1h'",
          Duration.ofHours(1),
          "0",
          Duration.ZERO,
          "'-1s'",
          "a duration from 0 to 8760h, such as 30s or 1h30m");
  private static final Samples SECONDS =
      new Samples(
          "0",
          Duration.ZERO,
          "60",
          Duration.ofMinutes(1),
          "-1",
          "a number of seconds, an integer from 0 to 2147483647");
  private static final Samples PORT =
      new Samples("1", 1, "65535", 65535, "65536", "an integer from 1 to 65535");
  private static final Samples COUNT =
      new Samples("30", 30, "2147483647", 2147483647, "0", "an integer from 1 to 2147483647");
  // Within the limits that other keys set by default.
  private static final Samples PAGE_SIZE =
      new Samples("30", 30, "100", 100, "0", "an integer from 1 to 2147483647");
  private static final Samples IDLE =
      new Samples("0", 0, "25", 25, "-1", "an integer from 0 to 2147483647");
  private static final Samples BOOLEAN =
      new Samples("true", true, "true", true, "'true'", "true or false, written without quotes");
  private static final Samples FALSE =
      new Samples(
          "false", false, "false", false, "'true'", "true or false, written without quotes");
  private static final Samples TOKENS =
      new Samples(
          "['A', 'B-C']",
          List.of("A", "B-C"),
          "D,E , F",
          List.of("D", "E", "F"),
          "['A B']",
          "a list of HTTP names");
  private static final Samples ORIGINS =
      new Samples(
          "['https://a.example']",
          List.of("https://a.example"),
          "http://b:3000, https://[::1]",
          List.of("http://b:3000", "https://[::1]"),
          "['https://a.example/']",
          "a list of origins such as https://lab.example.org or http://localhost:3000, without a"
              + " path");
  private static final Samples HOSTS =
      new Samples(
          "['lab.example.org']",
          List.of("lab.example.org"),
          "lab, *",
          List.of("lab", "*"),
          "['lab.example.org:8080']",
          "a list of host names such as lab.example.org, without a port, or \"*\" for any");
  private static final Samples NETWORKS =
      new Samples(
          "['10.0.0.0/8']",
          List.of("10.0.0.0/8"),
          "192.168.0.0/16,fd00::/8",
          List.of("192.168.0.0/16", "fd00::/8"),
          "['10/8']",
          "a list of networks such as 10.0.0.0/8 or fd00::/8");

  private static final Samples KEY =
      new Samples(
          "'" + ONE_KEY + "'",
          Optional.of(Secret.of(ONE_KEY)),
          OTHER_KEY,
          Optional.of(Secret.of(OTHER_KEY)),
          "'dG9vIHNob3J0'",
          "32 random bytes in base64, as `openssl rand -base64 32` makes them");
  private static final Samples KEYS =
      new Samples(
          "['" + ONE_KEY + "']",
          List.of(Secret.of(ONE_KEY)),
          ONE_KEY + ", " + OTHER_KEY,
          List.of(Secret.of(ONE_KEY), Secret.of(OTHER_KEY)),
          "['no base64!']",
          "a list of keys, each 32 bytes in base64");
  private static final Samples VARIABLES =
      new Samples(
          "['OPENAI_API_KEY']",
          List.of("OPENAI_API_KEY"),
          "A,_b2",
          List.of("A", "_b2"),
          "['2B']",
          "a list of names of environment variables such as OPENAI_API_KEY");
  private static final Samples PATH_OR_NONE =
      new Samples(
          "'/srv/a'",
          Optional.of(Path.of("/srv/a")),
          "/srv/b",
          Optional.of(Path.of("/srv/b")),
          "' '",
          "a path");

  private static final Samples LOOPBACK =
      new Samples(
          "'allow'", true, "deny", false, "true", "one of auto, allow, deny, written in quotes");

  private static <E extends Enum<E>> Samples choice(E fromFile, E fromEnvironment, String names) {
    return new Samples(
        "'" + spelt(fromFile) + "'",
        fromFile,
        spelt(fromEnvironment),
        fromEnvironment,
        "'other'",
        "one of " + names);
  }

  private static String spelt(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static List<Row> rows() {
    return List.of(
        new Row(
            "shutdown_timeout",
            "SERVICE_SHUTDOWN_TIMEOUT",
            c -> c.shutdownTimeout(),
            Duration.ofSeconds(30),
            TIMEOUT),
        new Row("data_dir", "SERVICE_DATA_DIR", c -> c.dataDir(), Path.of("data"), PATH),
        new Row("server.host", "SERVER_HOST", c -> c.server().host(), "0.0.0.0", TEXT),
        new Row("server.port", "SERVER_PORT", c -> c.server().port(), 8080, PORT),
        new Row(
            "server.allowed_hosts",
            "SERVER_ALLOWED_HOSTS",
            c -> c.server().allowedHosts(),
            List.of(),
            HOSTS),
        new Row(
            "server.read_timeout",
            "SERVER_READ_TIMEOUT",
            c -> c.server().readTimeout(),
            Duration.ofSeconds(30),
            TIMEOUT),
        new Row(
            "server.write_timeout",
            "SERVER_WRITE_TIMEOUT",
            c -> c.server().writeTimeout(),
            Duration.ofSeconds(30),
            TIMEOUT),
        new Row(
            "server.shutdown_timeout",
            "SERVER_SHUTDOWN_TIMEOUT",
            c -> c.server().shutdownTimeout(),
            Duration.ofSeconds(30),
            TIMEOUT),
        new Row(
            "server.max_in_flight",
            "SERVER_MAX_IN_FLIGHT",
            c -> c.server().maxInFlight(),
            1024,
            COUNT),
        new Row(
            "server.max_body_size",
            "SERVER_MAX_BODY_SIZE",
            c -> c.server().maxBodySize(),
            1_048_576,
            COUNT),
        new Row(
            "server.tls_cert",
            "SERVER_TLS_CERT",
            c -> c.server().tls().map(ServerConfig.Tls::certificate),
            Optional.empty(),
            OPTIONAL_PATH),
        new Row(
            "server.tls_key",
            "SERVER_TLS_KEY",
            c -> c.server().tls().map(ServerConfig.Tls::key),
            Optional.empty(),
            OPTIONAL_PATH),
        new Row("auth.enabled", "AUTH_ENABLED", c -> c.auth().enabled(), true, FALSE),
        new Row(
            "auth.oidc_issuer",
            "AUTH_OIDC_ISSUER",
            c -> c.oidc().map(OidcConfig::issuer),
            Optional.empty(),
            ISSUER),
        new Row(
            "auth.oidc_audience",
            "AUTH_OIDC_AUDIENCE",
            c -> c.oidc().map(OidcConfig::audience),
            Optional.empty(),
            AUDIENCE),
        new Row(
            "auth.oidc_scopes_claim",
            "AUTH_OIDC_SCOPES_CLAIM",
            c -> c.oidc().map(OidcConfig::scopesClaim).orElse("scope"),
            "scope",
            TEXT),
        new Row(
            "database.mode",
            "DATABASE_MODE",
            c -> c.database().mode(),
            Mode.EMBEDDED,
            choice(Mode.EMBEDDED, Mode.EMBEDDED, "embedded, external")),
        new Row("database.host", "DATABASE_HOST", c -> c.database().host(), "localhost", TEXT),
        new Row("database.port", "DATABASE_PORT", c -> c.database().port(), 5432, PORT),
        new Row("database.name", "DATABASE_NAME", c -> c.database().name(), "agent_lab", TEXT),
        new Row("database.user", "DATABASE_USER", c -> c.database().user(), "agent_lab", TEXT),
        new Row(
            "database.password",
            "DATABASE_PASSWORD",
            c -> c.database().password(),
            Secret.of(""),
            SECRET),
        new Row(
            "database.sslmode",
            "DATABASE_SSLMODE",
            c -> c.database().sslmode(),
            SslMode.PREFER,
            choice(
                SslMode.DISABLE,
                SslMode.VERIFY_FULL,
                "disable, allow, prefer, require, verify-ca, verify-full")),
        new Row(
            "database.max_open_conns",
            "DATABASE_MAX_OPEN_CONNS",
            c -> c.database().maxOpenConns(),
            25,
            COUNT),
        new Row(
            "database.max_idle_conns",
            "DATABASE_MAX_IDLE_CONNS",
            c -> c.database().maxIdleConns(),
            5,
            IDLE),
        new Row(
            "database.conn_max_lifetime",
            "DATABASE_CONN_MAX_LIFETIME",
            c -> c.database().connMaxLifetime(),
            Duration.ofMinutes(15),
            LIFETIME),
        new Row(
            "database.conn_timeout",
            "DATABASE_CONN_TIMEOUT",
            c -> c.database().connTimeout(),
            Duration.ofSeconds(5),
            TIMEOUT),
        new Row(
            "logging.level",
            "LOGGING_LEVEL",
            c -> c.logging().level(),
            Level.INFO,
            choice(Level.DEBUG, Level.ERROR, "debug, info, warn, error")),
        new Row(
            "logging.format",
            "LOGGING_FORMAT",
            c -> c.logging().format(),
            Format.JSON,
            choice(Format.TEXT, Format.TEXT, "text, json")),
        new Row("cors.enabled", "CORS_ENABLED", c -> c.cors().enabled(), false, BOOLEAN),
        new Row("cors.origins", "CORS_ORIGINS", c -> c.cors().origins(), List.of(), ORIGINS),
        new Row(
            "cors.allowed_methods",
            "CORS_ALLOWED_METHODS",
            c -> c.cors().allowedMethods(),
            List.of("GET", "POST", "PUT", "DELETE", "OPTIONS"),
            TOKENS),
        new Row(
            "cors.allowed_headers",
            "CORS_ALLOWED_HEADERS",
            c -> c.cors().allowedHeaders(),
            List.of("Content-Type", "Authorization"),
            TOKENS),
        new Row(
            "cors.allow_credentials",
            "CORS_ALLOW_CREDENTIALS",
            c -> c.cors().allowCredentials(),
            false,
            BOOLEAN),
        new Row(
            "cors.max_age", "CORS_MAX_AGE", c -> c.cors().maxAge(), Duration.ofHours(1), SECONDS),
        new Row(
            "pagination.default_page_size",
            "PAGINATION_DEFAULT_PAGE_SIZE",
            c -> c.pagination().defaultPageSize(),
            20,
            PAGE_SIZE),
        new Row(
            "pagination.max_page_size",
            "PAGINATION_MAX_PAGE_SIZE",
            c -> c.pagination().maxPageSize(),
            100,
            COUNT),
        new Row("egress.loopback", "EGRESS_LOOPBACK", c -> c.egress().loopback(), false, LOOPBACK),
        new Row(
            "egress.private_networks",
            "EGRESS_PRIVATE_NETWORKS",
            c -> c.egress().privateNetworks(),
            List.of(),
            NETWORKS),
        new Row(
            "upstream.connect_timeout",
            "UPSTREAM_CONNECT_TIMEOUT",
            c -> c.upstream().connectTimeout(),
            Duration.ofSeconds(5),
            TIMEOUT),
        new Row(
            "upstream.response_timeout",
            "UPSTREAM_RESPONSE_TIMEOUT",
            c -> c.upstream().responseTimeout(),
            Duration.ofSeconds(30),
            TIMEOUT),
        new Row(
            "upstream.stream_idle_timeout",
            "UPSTREAM_STREAM_IDLE_TIMEOUT",
            c -> c.upstream().streamIdleTimeout(),
            Duration.ofMinutes(1),
            TIMEOUT),
        new Row(
            "upstream.stream_timeout",
            "UPSTREAM_STREAM_TIMEOUT",
            c -> c.upstream().streamTimeout(),
            Duration.ofMinutes(30),
            TIMEOUT),
        new Row("secrets.key", "SECRETS_KEY", c -> c.secrets().key(), Optional.empty(), KEY),
        new Row(
            "secrets.previous_keys",
            "SECRETS_PREVIOUS_KEYS",
            c -> c.secrets().previousKeys(),
            List.of(),
            KEYS),
        new Row("secrets.env", "SECRETS_ENV", c -> c.secrets().env(), List.of(), VARIABLES),
        new Row(
            "secrets.folder",
            "SECRETS_FOLDER",
            c -> c.secrets().folder(),
            Optional.empty(),
            PATH_OR_NONE));
  }

  @TempDir Path directory;

  @Test
  void everyKeyHasARowHere() {
    assertThat(Keys.ALL)
        .extracting(key -> key.path() + " " + key.environment())
        .isEqualTo(rows().stream().map(row -> row.key() + " " + row.environment()).toList());
  }

  @Test
  void everyDeclaredKeyIsListed() {
    long declared =
        Arrays.stream(Keys.class.getDeclaredFields())
            .filter(field -> field.getType() == Key.class)
            .count();
    assertThat(Keys.ALL).doesNotHaveDuplicates().hasSize((int) declared);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aKeyThatNobodySetsHasItsDefault(Row row) {
    Object byDefault =
        row.byDefault() instanceof Path path ? directory.resolve(path) : row.byDefault();
    assertLoaded(Map.of(), row, byDefault, "default");
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aFileOverridesTheDefault(Row row) throws IOException {
    write(row, row.samples().toml());
    assertLoaded(row, Map.of(), row.samples().fromFile(), "config.toml");
  }

  @ParameterizedTest
  @MethodSource("rows")
  void theEnvironmentOverridesTheFile(Row row) throws IOException {
    write(row, row.samples().toml());
    assertLoaded(
        row,
        Map.of(row.environment(), row.samples().text()),
        row.samples().fromEnvironment(),
        "environment " + row.environment());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aWrongValueIsRefusedWithWhatIsAccepted(Row row) throws IOException {
    write(row, row.samples().wrong());
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> EffectiveConfig.load(directory, row.surroundings()))
        .satisfies(e -> {
          ConfigFault fault = e.faults().getFirst();
          assertThat(fault.key()).isEqualTo(row.key());
          assertThat(fault.source()).isEqualTo("config.toml");
          assertThat(fault.value()).isPresent();
          assertThat(fault.problem()).isEqualTo("must be " + row.samples().accepted());
        });
  }

  private void assertLoaded(Row row, Map<String, String> variables, Object value, String source) {
    Map<String, String> environment = new HashMap<>(row.surroundings());
    environment.putAll(variables);
    assertLoaded(environment, row, value, source);
  }

  private void assertLoaded(Map<String, String> environment, Row row, Object value, String source) {
    EffectiveConfig effective = EffectiveConfig.load(directory, environment);
    assertThat(row.part().apply(effective.config())).isEqualTo(value);
    assertThat(effective.settings())
        .filteredOn(setting -> setting.key().equals(row.key()))
        .extracting(Setting::source, Setting::environment)
        .containsExactly(tuple(source, row.environment()));
  }

  private void write(Row row, String toml) throws IOException {
    // Dotted keys need no table header.
    Files.writeString(directory.resolve("config.toml"), row.key() + " = " + toml + "\n");
  }
}
