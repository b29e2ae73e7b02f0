package dev.agentlab.config;

import dev.agentlab.config.DatabaseConfig.Mode;
import dev.agentlab.secrets.Secret;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The configuration in force: as the service uses it, and as people see it.
///
/// @param settings every key in a fixed order, with its value's source; secrets masked
public record EffectiveConfig(Config config, List<Setting> settings) {
  private static final Pattern OVERLAY_NAME = Pattern.compile("[A-Za-z0-9_-]+");

  public EffectiveConfig {
    settings = List.copyOf(settings);
  }

  /// Layers the built-in defaults, `config.toml`, `config.<SERVICE_ENV>.toml` and the environment,
  /// the later over the earlier. Without a `config.toml` the others count alone.
  ///
  /// @param directory holds the files; a relative data folder is relative to it
  /// @throws ConfigException with everything that is wrong
  public static EffectiveConfig load(Path directory, Map<String, String> environment) {
    Values values = new Values();
    for (Key<?> key : Keys.ALL) {
      key.byDefault().ifPresent(text -> values.takeDefault(key, text));
    }
    boolean readable = TomlFile.read(directory, "config.toml", values);
    Optional<String> overlay = overlay(directory, environment, values);
    if (overlay.isPresent()) {
      readable &= TomlFile.read(directory, overlay.get(), values);
    }
    EnvironmentReader variables = new EnvironmentReader(environment, values);
    variables.read();
    // What seems to be missing may stand in a file that cannot be read.
    if (readable) {
      variables.checkNames();
      checkOpenness(values);
      completeDatabase(values);
      checkTogether(values, Keys.SERVER_TLS_CERT, Keys.SERVER_TLS_KEY);
      checkTogether(values, Keys.AUTH_OIDC_ISSUER, Keys.AUTH_OIDC_AUDIENCE);
      checkAtMost(values, Keys.DATABASE_MAX_IDLE_CONNS, Keys.DATABASE_MAX_OPEN_CONNS);
      checkAtMost(values, Keys.PAGINATION_DEFAULT_PAGE_SIZE, Keys.PAGINATION_MAX_PAGE_SIZE);
      checkPreviousKeys(values);
    }
    if (!values.faults().isEmpty()) {
      throw new ConfigException(values.faults());
    }
    return new EffectiveConfig(
        config(directory, values, environment), Keys.ALL.stream().map(values::setting).toList());
  }

  private static Optional<String> overlay(
      Path directory, Map<String, String> environment, Values values) {
    String name = environment.getOrDefault(Keys.OVERLAY, "");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (!OVERLAY_NAME.matcher(name).matches()) {
      rejectOverlay(name, "must be letters, digits, - and _", values);
      return Optional.empty();
    }
    String file = "config." + name + ".toml";
    if (Files.notExists(directory.resolve(file))) {
      String problem = "must name a file, and there is no " + directory.resolve(file);
      rejectOverlay(name, problem, values);
    }
    return Optional.of(file);
  }

  private static void rejectOverlay(String name, String problem, Values values) {
    values.fault(
        new ConfigFault(Keys.OVERLAY, Optional.of(Values.shown(name)), "environment", problem));
  }

  private static void completeDatabase(Values values) {
    values.takeDefault(
        Keys.DATABASE_MODE, values.isSet(Keys.DATABASE_HOST) ? "external" : "embedded");
    values.takeDefault(Keys.DATABASE_HOST, "localhost");
    if (!values.isValid(Keys.DATABASE_MODE)) {
      return;
    }
    if (values.valueOf(Keys.DATABASE_MODE) == Mode.EMBEDDED) {
      values.takeDefault(Keys.DATABASE_NAME, "agent_lab");
      values.takeDefault(Keys.DATABASE_USER, "agent_lab");
      values.takeDefault(Keys.DATABASE_PASSWORD, "");
    } else {
      require(values, Keys.DATABASE_NAME);
      require(values, Keys.DATABASE_USER);
      require(values, Keys.DATABASE_PASSWORD);
    }
  }

  /// Whoever reaches a service without authentication may do everything.
  private static void checkOpenness(Values values) {
    if (!values.isValid(Keys.AUTH_ENABLED)
        || !values.isValid(Keys.SERVER_HOST)
        || values.valueOf(Keys.AUTH_ENABLED)
        || isLoopback(values.valueOf(Keys.SERVER_HOST))) {
      return;
    }
    String problem =
        "must be true unless server.host is a loopback address such as 127.0.0.1; it is %s (%s)"
            .formatted(
                Values.shown(values.valueOf(Keys.SERVER_HOST)), values.source(Keys.SERVER_HOST));
    values.fault(
        new ConfigFault(
            Keys.AUTH_ENABLED.path(),
            Optional.of("false"),
            values.source(Keys.AUTH_ENABLED),
            problem));
  }

  private static void require(Values values, Key<?> key) {
    if (!values.isSet(key)) {
      String problem =
          "is required for an external database: set it in config.toml or as " + key.environment();
      values.fault(new ConfigFault(key.path(), Optional.empty(), "not set", problem));
    }
  }

  /// Says which of two is missing, when the other is set.
  private static void checkTogether(
      Values values, Key<? extends Optional<?>> one, Key<? extends Optional<?>> other) {
    if (!values.isValid(one) || !values.isValid(other)) {
      return;
    }
    boolean hasOne = values.valueOf(one).isPresent();
    if (hasOne != values.valueOf(other).isPresent()) {
      Key<?> missing = hasOne ? other : one;
      Key<?> set = hasOne ? one : other;
      String problem =
          "is required with %s (%s): set it in config.toml or as %s"
              .formatted(set.path(), values.source(set), missing.environment());
      values.fault(new ConfigFault(missing.path(), Optional.empty(), "not set", problem));
    }
  }

  /// A default gives way to the limit: whoever sets only that need not know of it.
  private static void checkAtMost(Values values, Key<Integer> key, Key<Integer> limit) {
    if (!values.isValid(key) || !values.isValid(limit)) {
      return;
    }
    int value = values.valueOf(key);
    int most = values.valueOf(limit);
    if (value > most && values.source(key).equals(Values.DEFAULT)) {
      values.take(key, Integer.toString(most), Values.DEFAULT);
    } else if (value > most) {
      String problem =
          "must be at most %s, which is %d (%s)"
              .formatted(limit.path(), most, values.source(limit));
      values.fault(
          new ConfigFault(
              key.path(), Optional.of(Integer.toString(value)), values.source(key), problem));
    }
  }

  private static void checkPreviousKeys(Values values) {
    if (values.isValid(Keys.SECRETS_KEY)
        && values.isValid(Keys.SECRETS_PREVIOUS_KEYS)
        && values.valueOf(Keys.SECRETS_KEY).isEmpty()
        && !values.valueOf(Keys.SECRETS_PREVIOUS_KEYS).isEmpty()) {
      values.fault(
          new ConfigFault(
              Keys.SECRETS_PREVIOUS_KEYS.path(),
              Optional.of("***"),
              values.source(Keys.SECRETS_PREVIOUS_KEYS),
              "must come with the key that takes their place: set %s, or %s"
                  .formatted(Keys.SECRETS_KEY.path(), Keys.SECRETS_KEY.environment())));
    }
  }

  private static SecretsConfig secrets(
      Path directory, Values values, Map<String, String> environment) {
    List<String> names = values.valueOf(Keys.SECRETS_ENV);
    Map<String, Secret> set = new HashMap<>();
    for (String name : names) {
      Optional.ofNullable(environment.get(name))
          .filter(text -> !text.isEmpty())
          .ifPresent(text -> set.put(name, Secret.of(text)));
    }
    return new SecretsConfig(
        values.valueOf(Keys.SECRETS_KEY),
        values.valueOf(Keys.SECRETS_PREVIOUS_KEYS),
        names,
        set,
        values.valueOf(Keys.SECRETS_FOLDER).map(directory::resolve));
  }

  private static Config config(Path directory, Values values, Map<String, String> environment) {
    String host = values.valueOf(Keys.SERVER_HOST);
    return new Config(
        values.valueOf(Keys.SHUTDOWN_TIMEOUT),
        directory.resolve(values.valueOf(Keys.DATA_DIR)),
        new ServerConfig(
            host,
            values.valueOf(Keys.SERVER_PORT),
            values.valueOf(Keys.SERVER_ALLOWED_HOSTS),
            values.valueOf(Keys.SERVER_TRUSTED_PROXIES),
            values.valueOf(Keys.SERVER_READ_TIMEOUT),
            values.valueOf(Keys.SERVER_WRITE_TIMEOUT),
            values.valueOf(Keys.SERVER_SHUTDOWN_TIMEOUT),
            values.valueOf(Keys.SERVER_MAX_IN_FLIGHT),
            values.valueOf(Keys.SERVER_MAX_BODY_SIZE),
            tls(directory, values)),
        new AuthConfig(values.valueOf(Keys.AUTH_ENABLED)),
        oidc(values),
        new DatabaseConfig(
            values.valueOf(Keys.DATABASE_MODE),
            values.valueOf(Keys.DATABASE_HOST),
            values.valueOf(Keys.DATABASE_PORT),
            values.valueOf(Keys.DATABASE_NAME),
            values.valueOf(Keys.DATABASE_USER),
            values.valueOf(Keys.DATABASE_PASSWORD),
            values.valueOf(Keys.DATABASE_SSLMODE),
            values.valueOf(Keys.DATABASE_MAX_OPEN_CONNS),
            values.valueOf(Keys.DATABASE_MAX_IDLE_CONNS),
            values.valueOf(Keys.DATABASE_CONN_MAX_LIFETIME),
            values.valueOf(Keys.DATABASE_CONN_TIMEOUT)),
        new LoggingConfig(values.valueOf(Keys.LOGGING_LEVEL), values.valueOf(Keys.LOGGING_FORMAT)),
        new CorsConfig(
            values.valueOf(Keys.CORS_ENABLED),
            values.valueOf(Keys.CORS_ORIGINS),
            values.valueOf(Keys.CORS_ALLOWED_METHODS),
            values.valueOf(Keys.CORS_ALLOWED_HEADERS),
            values.valueOf(Keys.CORS_ALLOW_CREDENTIALS),
            values.valueOf(Keys.CORS_MAX_AGE)),
        new PaginationConfig(
            values.valueOf(Keys.PAGINATION_DEFAULT_PAGE_SIZE),
            values.valueOf(Keys.PAGINATION_MAX_PAGE_SIZE)),
        new EgressConfig(
            isLoopbackAllowed(values, host), values.valueOf(Keys.EGRESS_PRIVATE_NETWORKS)),
        new UpstreamConfig(
            values.valueOf(Keys.UPSTREAM_CONNECT_TIMEOUT),
            values.valueOf(Keys.UPSTREAM_RESPONSE_TIMEOUT),
            values.valueOf(Keys.UPSTREAM_STREAM_IDLE_TIMEOUT),
            values.valueOf(Keys.UPSTREAM_STREAM_TIMEOUT)),
        secrets(directory, values, environment));
  }

  private static Optional<ServerConfig.Tls> tls(Path directory, Values values) {
    return values
        .valueOf(Keys.SERVER_TLS_CERT)
        .flatMap(certificate ->
            values
                .valueOf(Keys.SERVER_TLS_KEY)
                .map(key ->
                    new ServerConfig.Tls(directory.resolve(certificate), directory.resolve(key))));
  }

  private static Optional<OidcConfig> oidc(Values values) {
    String claim = values.valueOf(Keys.AUTH_OIDC_SCOPES_CLAIM);
    return values
        .valueOf(Keys.AUTH_OIDC_ISSUER)
        .flatMap(issuer ->
            values
                .valueOf(Keys.AUTH_OIDC_AUDIENCE)
                .map(audience -> new OidcConfig(issuer, audience, claim)));
  }

  private static boolean isLoopbackAllowed(Values values, String host) {
    return switch (values.valueOf(Keys.EGRESS_LOOPBACK)) {
      case ALLOW -> true;
      case DENY -> false;
      // A proxy on this machine may stand before a loopback address; its callers are of elsewhere.
      case AUTO -> isLoopback(host) && values.valueOf(Keys.SERVER_ALLOWED_HOSTS).isEmpty();
    };
  }

  // A name other than localhost is not looked up: it may mean another address later.
  private static boolean isLoopback(String host) {
    try {
      return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
