package dev.agentlab.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentlab.secrets.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
  @TempDir Path directory;

  @Test
  void overlayKeepsValuesItDoesNotSet() throws IOException {
    base(
        """
        [cors]
        enabled = true
        allow_credentials = true
        max_age = 60
        [server]
        port = 1
        """);
    file("config.dev.toml", "server.port = 2");

    Config config = load(Map.of("SERVICE_ENV", "dev"));

    assertThat(config.get(Settings.SERVER_PORT)).isEqualTo(2);
    assertThat(config.get(Settings.CORS_ENABLED)).isTrue();
    assertThat(config.get(Settings.CORS_ALLOW_CREDENTIALS)).isTrue();
    assertThat(config.get(Settings.CORS_MAX_AGE)).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void lastSourceOfAValueWins() throws IOException {
    base("server = { host = 'a', port = 1, max_in_flight = 1 }");
    file("config.dev.toml", "server = { port = 2, max_in_flight = 2 }");

    Config config =
        Config.load(directory, Map.of("SERVICE_ENV", "dev", "SERVER_MAX_IN_FLIGHT", "3"));

    assertThat(config.settings())
        .contains(
            new EffectiveSetting("server.read_timeout", "30s", "default", "SERVER_READ_TIMEOUT"),
            new EffectiveSetting("server.host", "a", "config.toml", "SERVER_HOST"),
            new EffectiveSetting("server.port", "2", "config.dev.toml", "SERVER_PORT"),
            new EffectiveSetting(
                "server.max_in_flight",
                "3",
                "environment SERVER_MAX_IN_FLIGHT",
                "SERVER_MAX_IN_FLIGHT"));
  }

  @Test
  void overlayWithoutFileIsRejected() {
    assertThat(errors(Map.of("SERVICE_ENV", "prod")))
        .containsExactly(
            "SERVICE_ENV = \"prod\" (environment): must name a file, and there is no "
                + directory.resolve("config.prod.toml"));
  }

  @Test
  void emptyVariableCountsAsNotSet() throws IOException {
    base("server.port = 1");
    assertThat(load(Map.of("SERVER_PORT", "", "SERVICE_ENV", "")).get(Settings.SERVER_PORT))
        .isEqualTo(1);
  }

  @Test
  void emptyVariableEmptiesAList() throws IOException {
    base("cors = { origins = ['https://a.example'], allowed_headers = ['X-A'] }");
    Config config = Config.load(directory, Map.of("CORS_ORIGINS", ""));

    assertThat(config.get(Settings.CORS_ORIGINS)).isEmpty();
    assertThat(config.get(Settings.CORS_ALLOWED_HEADERS)).containsExactly("X-A");
    assertThat(config.settings())
        .contains(
            new EffectiveSetting("cors.origins", "", "environment CORS_ORIGINS", "CORS_ORIGINS"));
  }

  @Test
  void dsnIsReadFromTheFileThatItsVariableNames() throws IOException {
    file("dsn", "postgres://u:from-a-file@db/n\r\n");

    Config config = load(Map.of("DATABASE_DSN_FILE", directory.resolve("dsn").toString()));

    assertThat(config.get(Settings.DATABASE_PASSWORD)).isEqualTo(Secret.of("from-a-file"));
    assertThat(config.settings())
        .contains(
            new EffectiveSetting(
                "database.host", "db", "environment DATABASE_DSN_FILE", "DATABASE_HOST"));
  }

  @Test
  void secretFileOfAnotherUserIsRejectedWithTheUserName() throws IOException {
    file("locked", "secret");
    Path locked = directory.resolve("locked");
    Files.setPosixFilePermissions(locked, Set.of());
    assumeTrue(!Files.isReadable(locked), "this user can read everything");

    assertThat(errors(Map.of("SECRETS_KEY_FILE", "locked")).getFirst())
        .endsWith(
            "names a file that user %s is not permitted to read"
                .formatted(System.getProperty("user.name")));
  }

  @Test
  void unreadableSecretFilesAreRejectedWithoutTheirContent() throws IOException {
    file("empty", "\n");
    file("long", "word".repeat(5000));
    file("key", "not-32-bytes");
    Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff});

    assertThat(errors(Map.of("SECRETS_KEY_FILE", "missing")))
        .containsExactly(
            "SECRETS_KEY_FILE = \"missing\" (environment): names a file that does not exist");
    assertThat(errors(Map.of("SECRETS_KEY_FILE", ".")).getFirst())
        .endsWith("is not a regular file");
    assertThat(errors(Map.of("SECRETS_KEY_FILE", "empty")).getFirst()).endsWith("is empty");
    assertThat(errors(Map.of("SECRETS_KEY_FILE", "binary")).getFirst())
        .endsWith("is not UTF-8 text");
    assertThat(errors(Map.of("SECRETS_KEY_FILE", "long")).getFirst())
        .contains("more than 16000 bytes")
        .doesNotContain("word");
    assertThat(errors(Map.of("SECRETS_KEY_FILE", "key")))
        .containsExactly(
            "secrets.key = *** (environment SECRETS_KEY_FILE): must be 32 random bytes in base64, as"
                + " `openssl rand -base64 32` makes them");
  }

  @Test
  void secretFromTwoSourcesIsRejected() throws IOException {
    file("password", "one");
    assertThat(errors(Map.of("DATABASE_PASSWORD", "other", "DATABASE_PASSWORD_FILE", "password")))
        .containsExactly(
            "DATABASE_PASSWORD_FILE = \"password\" (environment): contradicts DATABASE_PASSWORD; set"
                + " only one of them");
  }

  @Test
  void onlySecretsCanComeFromFiles() {
    assertThat(errors(Map.of("SERVER_PORT_FILE", "port")).getFirst())
        .startsWith("SERVER_PORT_FILE (environment): is not a known variable");
  }

  @Test
  void overlayNameCannotBeAPath() {
    assertThat(errors(Map.of("SERVICE_ENV", "../dev")))
        .containsExactly(
            "SERVICE_ENV = \"../dev\" (environment): must be letters, digits, - and _");
  }

  @Test
  void databaseHostAloneSelectsExternalMode() throws IOException {
    base("database = { name = 'n', user = 'u', password = 'p' }");
    assertThat(load(Map.of()).get(Settings.DATABASE_MODE)).isEqualTo(DatabaseMode.EMBEDDED);
    assertThat(load(Map.of("DATABASE_HOST", "db")).get(Settings.DATABASE_MODE))
        .isEqualTo(DatabaseMode.EXTERNAL);
    file("config.dev.toml", "database.host = 'db'");
    assertThat(load(Map.of("SERVICE_ENV", "dev")).get(Settings.DATABASE_MODE))
        .isEqualTo(DatabaseMode.EXTERNAL);
    assertThat(
            load(Map.of("SERVICE_ENV", "dev", "DATABASE_MODE", "embedded"))
                .get(Settings.DATABASE_MODE))
        .isEqualTo(DatabaseMode.EMBEDDED);
    assertThat(load(Map.of("DATABASE_MODE", "external")).get(Settings.DATABASE_HOST))
        .isEqualTo("localhost");
  }

  @Test
  void externalDatabaseNeedsNameUserAndPassword() {
    assertThat(errors(Map.of("DATABASE_HOST", "db")))
        .containsExactly(
            "database.name (not set): is required for an external database: set it in config.toml"
                + " or as DATABASE_NAME",
            "database.user (not set): is required for an external database: set it in config.toml"
                + " or as DATABASE_USER",
            "database.password (not set): is required for an external database: set it in"
                + " config.toml or as DATABASE_PASSWORD");
  }

  @Test
  void dsnVariableDescribesTheWholeDatabase() throws IOException {
    base(
        """
        database = { mode = 'embedded', name = 'n', user = 'u', password = 'p', port = 1, sslmode = 'verify-full' }
        """);

    Config config =
        Config.load(directory, Map.of("DATABASE_DSN", "postgres://ann:hunter2@db.example/lab"));

    assertThat(config.get(Settings.DATABASE_MODE)).isEqualTo(DatabaseMode.EXTERNAL);
    assertThat(config.get(Settings.DATABASE_HOST)).isEqualTo("db.example");
    assertThat(config.get(Settings.DATABASE_PORT)).isEqualTo(5432);
    assertThat(config.get(Settings.DATABASE_NAME)).isEqualTo("lab");
    assertThat(config.get(Settings.DATABASE_USER)).isEqualTo("ann");
    assertThat(config.get(Settings.DATABASE_PASSWORD)).isEqualTo(Secret.of("hunter2"));
    assertThat(config.get(Settings.DATABASE_SSLMODE)).isEqualTo(SslMode.VERIFY_FULL);
    assertThat(config.settings())
        .contains(
            new EffectiveSetting(
                "database.host", "db.example", "environment DATABASE_DSN", "DATABASE_HOST"),
            new EffectiveSetting(
                "database.password", "***", "environment DATABASE_DSN", "DATABASE_PASSWORD"));
    assertThat(config.toString()).doesNotContain("hunter2");
  }

  @Test
  void dsnSslModeOverridesTheFile() throws IOException {
    base("database.sslmode = 'disable'");
    Map<String, String> environment =
        Map.of("DATABASE_DSN", "postgres://ann@db/lab?sslmode=require");
    assertThat(load(environment).get(Settings.DATABASE_SSLMODE)).isEqualTo(SslMode.REQUIRE);
    assertThat(load(environment).get(Settings.DATABASE_PASSWORD)).isEqualTo(Secret.of(""));
  }

  @Test
  void dsnThatContradictsAnotherVariableIsRejected() {
    String dsn = "postgres://ann:hunter2@db/lab";
    assertThat(
            errors(
                Map.of(
                    "DATABASE_DSN", dsn, "DATABASE_HOST", "db2", "DATABASE_PASSWORD", "hunter3")))
        .containsExactly(
            "DATABASE_DSN = *** (environment): contradicts DATABASE_HOST, DATABASE_PASSWORD; set"
                + " either DATABASE_DSN or those");
    assertThat(load(Map.of("DATABASE_DSN", dsn, "DATABASE_HOST", "db")).get(Settings.DATABASE_HOST))
        .isEqualTo("db");
  }

  @Test
  void malformedDsnIsRejectedWithoutItsPassword() {
    assertThat(errors(Map.of("DATABASE_DSN", "postgres://ann:hunter2@db:x/lab?ssl=1")))
        .containsExactly(
            "DATABASE_DSN = *** (environment): port must be a number from 1 to 65535",
            "DATABASE_DSN = *** (environment): ssl is not a known parameter; known is: sslmode");
    assertThat(errors(Map.of("DATABASE_DSN", "ann:hunter2@db")))
        .singleElement()
        .asString()
        .contains("must be postgres://user:password@host:port/database?sslmode=prefer")
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @CsvSource({
    "SERVER_PROT, SERVER_PORT",
    "DATABASE_PASSWD, DATABASE_PASSWORD",
    "DATABASE_DNS, DATABASE_DSN",
    "SERVICE_ENVIRONMENT, SERVICE_ENV",
    "LOGGING_LEVLE, LOGGING_LEVEL",
  })
  void unknownVariableIsRejectedWithTheNearestName(String name, String nearest) {
    assertThat(errors(Map.of(name, "hunter2")))
        .containsExactly(
            "%s (environment): is not a known variable; the nearest is %s"
                .formatted(name, nearest));
    assertThat(load(Map.of(name, ""))).isEqualTo(load(Map.of()));
  }

  @Test
  void variableListedInSecretsEnvIsKnown() {
    Config config = load(Map.of("SECRETS_ENV", "UPSTREAM_TOKEN", "UPSTREAM_TOKEN", "hunter2"));
    assertThat(config.secretVariables()).containsOnlyKeys("UPSTREAM_TOKEN");
  }

  /// The variables that Kubernetes sets in every container of a namespace with these services.
  @Test
  void serviceLinksOfKubernetesAreIgnored() {
    Map<String, String> links = new HashMap<>();
    for (String service : List.of("SERVER", "DATABASE", "DATABASE_REPLICA")) {
      links.put(service + "_SERVICE_HOST", "10.0.0.1");
      links.put(service + "_SERVICE_PORT", "5432");
      links.put(service + "_SERVICE_PORT_HTTP", "5432");
      links.put(service + "_PORT", "tcp://10.0.0.1:5432");
      links.put(service + "_PORT_5432_TCP", "tcp://10.0.0.1:5432");
      links.put(service + "_PORT_5432_TCP_PROTO", "tcp");
      links.put(service + "_PORT_5432_TCP_PORT", "5432");
      links.put(service + "_PORT_5432_TCP_ADDR", "10.0.0.1");
    }
    assertThat(load(links)).isEqualTo(load(Map.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, true",
    "127.8.9.10, true",
    "::1, true",
    "[::1], true",
    "localhost, true",
    "0.0.0.0, false",
    "::, false",
    "192.168.0.1, false",
    "localhost.example.org, false"
  })
  void loopbackListenerMayCallLoopbackByDefault(String host, boolean allowed) {
    assertThat(load(Map.of("SERVER_HOST", host)).isLoopbackAllowed()).isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource({"lab.example.org", "*"})
  void allowedHostsForbidLoopbackCallsByDefault(String host) {
    Map<String, String> environment =
        Map.of("SERVER_HOST", "127.0.0.1", "SERVER_ALLOWED_HOSTS", host);
    assertThat(load(environment).isLoopbackAllowed()).isFalse();

    Map<String, String> allowing = new HashMap<>(environment);
    allowing.put("EGRESS_LOOPBACK", "allow");
    assertThat(load(allowing).isLoopbackAllowed()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "https://lab.example.org, false",
    "https://my_lab.example, false",
    "http://localhost:9000, true",
    "http://[::1]:9000, true"
  })
  void publicUrlOfAnotherHostForbidsLoopbackCallsByDefault(String url, boolean allowed) {
    assertThat(
            load(Map.of("SERVER_HOST", "127.0.0.1", "SERVER_PUBLIC_URL", url)).isLoopbackAllowed())
        .isEqualTo(allowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lab.example",
        "ftp://lab.example",
        "https://user@lab.example",
        "https://lab.example?a",
        "https://lab.example/#a",
        "https://lab.example/a",
        "https://lab.example:0",
        "https://",
        "https://a b"
      })
  void publicUrlIsAnOriginOnly(String url) {
    assertThat(errors(Map.of("SERVER_PUBLIC_URL", url)))
        .singleElement()
        .asString()
        .contains("server.public_url", "must be a URL by http or https without path");
  }

  @ParameterizedTest
  @CsvSource({"0.0.0.0, false", "lab.example.org, false", "127.0.0.1, true", "localhost, true"})
  void authenticationMayBeOffOnLoopbackOnly(String host, boolean allowed) {
    Map<String, String> environment = Map.of("AUTH_ENABLED", "false", "SERVER_HOST", host);
    if (allowed) {
      assertThat(load(environment).get(Settings.AUTH_ENABLED)).isFalse();
    } else {
      assertThat(errors(environment))
          .containsExactly(
              "auth.enabled = false (environment AUTH_ENABLED): must be true unless server.host is"
                  + " a"
                  + " loopback address such as 127.0.0.1; it is \"%s\" (environment SERVER_HOST)"
                      .formatted(host));
    }
  }

  @Test
  void relativeDataFolderIsResolvedAgainstConfigFolder() {
    assertThat(load(Map.of("SERVICE_DATA_DIR", "a/b")).get(Settings.DATA_DIR))
        .isEqualTo(directory.resolve("a/b"));
  }

  @Test
  void allErrorsAreReportedAtOnceOnePerLine() throws IOException {
    base(
        """
        [server]
        prot = 80
        host = "lab"
        [server.port]
        """);
    file("config.dev.toml", "pagination = { default_page_size = 20, max_page_size = 10 }");

    ConfigException e =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                load(
                    Map.of("SERVICE_ENV", "dev", "LOGGING_LEVEL", "LOUD", "CORS_MAX_AGE", "1\n2")));

    assertThat(e)
        .hasMessage(
            """
            server.prot (config.toml): is not a known key; the nearest is server.port
            server.port = {} (config.toml): must be an integer from 1 to 65535, written without quotes
            logging.level = "LOUD" (environment LOGGING_LEVEL): must be one of debug, info, warn, error
            cors.max_age = "1\\n2" (environment CORS_MAX_AGE): must be a number of seconds, an integer from 0 to 2147483647
            pagination.default_page_size = 20 (config.dev.toml): must be at most pagination.max_page_size, which is 10 (config.dev.toml)
            the configuration is read in %s\
            """
                .formatted(directory));
  }

  @Test
  void idleConnectionsCannotExceedOpenOnes() {
    assertThat(errors(Map.of("DATABASE_MAX_OPEN_CONNS", "4", "DATABASE_MAX_IDLE_CONNS", "5")))
        .containsExactly(
            "database.max_idle_conns = 5 (environment DATABASE_MAX_IDLE_CONNS): must be at most"
                + " database.max_open_conns, which is 4 (environment DATABASE_MAX_OPEN_CONNS)");
  }

  @Test
  void defaultIsLoweredToItsLimit() {
    Config config =
        Config.load(
            directory, Map.of("DATABASE_MAX_OPEN_CONNS", "3", "PAGINATION_MAX_PAGE_SIZE", "10"));

    assertThat(config.get(Settings.DATABASE_MAX_IDLE_CONNS)).isEqualTo(3);
    assertThat(config.get(Settings.PAGINATION_DEFAULT_PAGE_SIZE)).isEqualTo(10);
    assertThat(config.settings())
        .contains(
            new EffectiveSetting(
                "database.max_idle_conns", "3", "default", "DATABASE_MAX_IDLE_CONNS"),
            new EffectiveSetting(
                "pagination.default_page_size", "10", "default", "PAGINATION_DEFAULT_PAGE_SIZE"));
  }

  @Test
  void overriddenValueIsValidatedToo() throws IOException {
    base("server.port = 0");
    assertThat(errors(Map.of("SERVER_PORT", "8080")))
        .containsExactly("server.port = 0 (config.toml): must be an integer from 1 to 65535");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server.port = '80' | must be an integer from 1 to 65535, written without quotes",
        "server.port = 80.0 | must be an integer from 1 to 65535, written without quotes",
        "server.port = 99999999999999999999 | must be an integer from 1 to 65535",
        "shutdown_timeout = 30 | must be a duration from 1ms to 24h, such as 30s or 1h30m, written"
            + " in quotes",
        "data_dir = 2026-01-01 | must be a path, written in quotes",
        "cors.enabled = 'true' | must be true or false, written without quotes",
        "cors.origins = 'https://a' | must be a list of origins such as https://lab.example.org or"
            + " http://localhost:3000, without a path, written as [\"…\", \"…\"]",
      })
  void valueOfAnotherTypeIsRejected(String toml, String problem) throws IOException {
    base(toml);
    assertThat(errors(Map.of())).singleElement().asString().endsWith("(config.toml): " + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "database.max_conns = 1 | database.max_conns (config.toml): is not a known key; the nearest"
            + " is database.max_open_conns",
        "port = 1 | port (config.toml): is not a known key; the nearest is server.port",
        "log.level = 'info' | log (config.toml): is not a known table; the nearest is logging",
        "[loging] | loging (config.toml): is not a known table; the nearest is logging",
        "[server.cors] | server.cors (config.toml): is not a known table; the nearest is cors",
        "\"server.port\" = 1 | \"server.port\" (config.toml): is not a known key; the nearest is"
            + " server.port",
        "server = 1 | server (config.toml): must be a table: [server]",
        "[[cors]] | cors (config.toml): must be a table: [cors]",
      })
  void unknownKeyIsRejectedWithTheNearestName(String toml, String fault) throws IOException {
    base(toml);
    assertThat(errors(Map.of())).containsExactly(fault);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server.port = | config.toml (line 1, column 14): must be TOML: Premature end of file",
        "server.host = lab | config.toml (line 1, column 15): must be TOML: Unknown token",
      })
  void invalidTomlIsRejectedWithItsPosition(String toml, String fault) throws IOException {
    base(toml);
    // No setting is reported as missing, because the file may contain it.
    assertThat(errors(Map.of("DATABASE_HOST", "db"))).containsExactly(fault);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server.port = 1; server.port = 2 | line 2 | server.port",
        "[server]; port = 1; # port = 2;  port = 2; ; # more; ; [cors] | line 4 | port",
        "server = { port = 1, port = 2 }; # more | line 1 | server",
        "cors.'origins' = []; cors . \"origins\" = [;  'a',;  'b',; ]; x = 1 | line 2 | cors ."
            + " \"origins\"",
        "[database]; password = '''; hunter2 = 1; '''; password = '''; hunter2 = 1; ''' | line 5 |"
            + " password",
      })
  void duplicateKeyIsRejectedWithItsLine(String toml, String line, String key) throws IOException {
    base(toml.replace(';', '\n'));
    assertThat(errors(Map.of()))
        .containsExactly("config.toml (%s): must give a key once: %s".formatted(line, key));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10/8", "[fd00::]/8", "fd00::%1/8", "10.0.0.0/0008", "10.0.0.0/-0"})
  void malformedNetworkIsRejected(String network) {
    assertThat(errors(Map.of("EGRESS_PRIVATE_NETWORKS", network)))
        .singleElement()
        .asString()
        .contains("must be a list of networks");
  }

  @Test
  void fileThatIsNotUtf8IsRejected() throws IOException {
    Files.write(directory.resolve("config.toml"), new byte[] {'#', (byte) 0xff});
    assertThat(errors(Map.of())).containsExactly("config.toml (whole file): must be UTF-8 text");
  }

  @Test
  void unreadableFileIsRejected() throws IOException {
    Files.createDirectory(directory.resolve("config.toml"));
    assertThat(errors(Map.of()))
        .singleElement()
        .asString()
        .startsWith("config.toml (whole file): cannot be read: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "database.password = ['hunter2']",
        "database.pasword = 'hunter2'",
        "[[database]]\npassword = 'hunter2'",
        "database = 'hunter2'",
        "database.password = hunter2",
        "database.password = 1979-99-hunter2",
        "database.password = '''hunter2",
        "database.password = 'hunter2'\nserver.port = 0"
      })
  void errorsNeverRepeatAPassword(String toml) throws IOException {
    base(toml);
    assertThat(errors(Map.of())).isNotEmpty().noneMatch(fault -> fault.contains("hunter2"));
  }

  @Test
  void passwordIsMasked() throws IOException {
    base("database.password = 'hunter2'");
    Config config = Config.load(directory, Map.of());
    assertThat(config.settings())
        .contains(
            new EffectiveSetting("database.password", "***", "config.toml", "DATABASE_PASSWORD"));
    assertThat(config.toString()).doesNotContain("hunter2");
  }

  @Test
  void unsetPasswordIsShownAsEmpty() {
    assertThat(Config.load(directory, Map.of()).settings())
        .contains(new EffectiveSetting("database.password", "", "default", "DATABASE_PASSWORD"));
  }

  @Property(tries = 2_000)
  void anyEnvironmentIsLoadedOrRejected(@ForAll("environments") Map<String, String> environment) {
    try {
      assertThat(Config.load(Path.of("no such directory"), environment).settings())
          .hasSameSizeAs(Settings.ALL);
    } catch (ConfigException e) {
      assertThat(e.errors()).isNotEmpty();
      assertThat(e).message().hasLineCount(e.errors().size());
    }
  }

  @Property
  void anyFileIsLoadedOrRejected(@ForAll("tomlLike") String text) throws IOException {
    Path somewhere = Files.createTempDirectory("config");
    Path file = Files.writeString(somewhere.resolve("config.toml"), text);
    try {
      assertThat(Config.load(somewhere, Map.of()).settings()).hasSameSizeAs(Settings.ALL);
    } catch (ConfigException e) {
      assertThat(e.errors()).isNotEmpty();
    } finally {
      Files.delete(file);
      Files.delete(somewhere);
    }
  }

  @Provide
  Arbitrary<String> tomlLike() {
    Arbitrary<String> assignments =
        Arbitraries.of(SettingRow.all())
            .map(row -> "\n" + row.setting().key() + " = " + row.samples().toml());
    Arbitrary<String> words = Arbitraries.of("server", "port", "\ncors", "x", "30s", "true", "nan");
    Arbitrary<String> signs =
        Arbitraries.strings().withChars("=.[]{},'\"#-+0123456789e\\u \n\té").ofMaxLength(4);
    return Arbitraries.oneOf(assignments, words, signs)
        .list()
        .ofMaxSize(30)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<Map<String, String>> environments() {
    Arbitrary<String> names = Arbitraries.of(Settings.ALL.stream().map(Setting::variable).toList());
    Arbitrary<String> plausible =
        Arbitraries.of(SettingRow.all().stream().map(row -> row.samples().text()).toList());
    Arbitrary<String> values =
        Arbitraries.oneOf(
            Arbitraries.strings(),
            Arbitraries.strings().numeric().withChars("-.:/,smh").ofMaxLength(12),
            plausible);
    return Arbitraries.maps(names, values);
  }

  private void base(String toml) throws IOException {
    file("config.toml", toml);
  }

  private void file(String name, String toml) throws IOException {
    Files.writeString(directory.resolve(name), toml, StandardCharsets.UTF_8);
  }

  private Config load(Map<String, String> environment) {
    return Config.load(directory, environment);
  }

  private List<String> errors(Map<String, String> environment) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> load(environment));
    return e.errors().stream().map(ConfigError::toString).toList();
  }

  @Test
  void onlyListedVariablesAreSecretVariables() {
    String key = "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=";
    Config config =
        Config.load(
            directory,
            Map.of("SECRETS_KEY", key, "SECRETS_ENV", "A,B", "A", "secret", "B", "", "C", "other"));
    assertThat(config.secretVariables()).isEqualTo(Map.of("A", Secret.of("secret")));
    assertThat(config.toString()).doesNotContain(key).doesNotContain("other");
  }

  @Test
  void previousKeysNeedTheirReplacement() {
    String key = "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzIGhlcmU=";
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> Config.load(directory, Map.of("SECRETS_PREVIOUS_KEYS", key)))
        .withMessageContaining("set secrets.key, or SECRETS_KEY")
        .withMessageNotContaining(key);
  }
}
