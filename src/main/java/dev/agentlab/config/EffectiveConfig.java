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
public record EffectiveConfig(Config config, List<EffectiveSetting> settings) {
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
    SettingValues values = new SettingValues();
    for (SettingDefinition<?> key : SettingDefinitions.ALL) {
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
      checkTogether(values, SettingDefinitions.SERVER_TLS_CERT, SettingDefinitions.SERVER_TLS_KEY);
      checkTogether(
          values, SettingDefinitions.AUTH_OIDC_ISSUER, SettingDefinitions.AUTH_OIDC_AUDIENCE);
      checkAtMost(
          values,
          SettingDefinitions.DATABASE_MAX_IDLE_CONNS,
          SettingDefinitions.DATABASE_MAX_OPEN_CONNS);
      checkAtMost(
          values,
          SettingDefinitions.PAGINATION_DEFAULT_PAGE_SIZE,
          SettingDefinitions.PAGINATION_MAX_PAGE_SIZE);
      checkPreviousKeys(values);
    }
    if (!values.faults().isEmpty()) {
      throw new ConfigException(values.faults());
    }
    return new EffectiveConfig(
        config(directory, values, environment),
        SettingDefinitions.ALL.stream().map(values::setting).toList());
  }

  private static Optional<String> overlay(
      Path directory, Map<String, String> environment, SettingValues values) {
    String name = environment.getOrDefault(SettingDefinitions.OVERLAY, "");
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

  private static void rejectOverlay(String name, String problem, SettingValues values) {
    values.fault(
        new ConfigFault(
            SettingDefinitions.OVERLAY,
            Optional.of(SettingValues.shown(name)),
            "environment",
            problem));
  }

  private static void completeDatabase(SettingValues values) {
    values.takeDefault(
        SettingDefinitions.DATABASE_MODE,
        values.isSet(SettingDefinitions.DATABASE_HOST) ? "external" : "embedded");
    values.takeDefault(SettingDefinitions.DATABASE_HOST, "localhost");
    if (!values.isValid(SettingDefinitions.DATABASE_MODE)) {
      return;
    }
    if (values.valueOf(SettingDefinitions.DATABASE_MODE) == Mode.EMBEDDED) {
      values.takeDefault(SettingDefinitions.DATABASE_NAME, "agent_lab");
      values.takeDefault(SettingDefinitions.DATABASE_USER, "agent_lab");
      values.takeDefault(SettingDefinitions.DATABASE_PASSWORD, "");
    } else {
      require(values, SettingDefinitions.DATABASE_NAME);
      require(values, SettingDefinitions.DATABASE_USER);
      require(values, SettingDefinitions.DATABASE_PASSWORD);
    }
  }

  /// Whoever reaches a service without authentication may do everything.
  private static void checkOpenness(SettingValues values) {
    if (!values.isValid(SettingDefinitions.AUTH_ENABLED)
        || !values.isValid(SettingDefinitions.SERVER_HOST)
        || values.valueOf(SettingDefinitions.AUTH_ENABLED)
        || isLoopback(values.valueOf(SettingDefinitions.SERVER_HOST))) {
      return;
    }
    String problem =
        "must be true unless server.host is a loopback address such as 127.0.0.1; it is %s (%s)"
            .formatted(
                SettingValues.shown(values.valueOf(SettingDefinitions.SERVER_HOST)),
                values.source(SettingDefinitions.SERVER_HOST));
    values.fault(
        new ConfigFault(
            SettingDefinitions.AUTH_ENABLED.path(),
            Optional.of("false"),
            values.source(SettingDefinitions.AUTH_ENABLED),
            problem));
  }

  private static void require(SettingValues values, SettingDefinition<?> key) {
    if (!values.isSet(key)) {
      String problem =
          "is required for an external database: set it in config.toml or as " + key.environment();
      values.fault(new ConfigFault(key.path(), Optional.empty(), "not set", problem));
    }
  }

  /// Says which of two is missing, when the other is set.
  private static void checkTogether(
      SettingValues values,
      SettingDefinition<? extends Optional<?>> one,
      SettingDefinition<? extends Optional<?>> other) {
    if (!values.isValid(one) || !values.isValid(other)) {
      return;
    }
    boolean hasOne = values.valueOf(one).isPresent();
    if (hasOne != values.valueOf(other).isPresent()) {
      SettingDefinition<?> missing = hasOne ? other : one;
      SettingDefinition<?> set = hasOne ? one : other;
      String problem =
          "is required with %s (%s): set it in config.toml or as %s"
              .formatted(set.path(), values.source(set), missing.environment());
      values.fault(new ConfigFault(missing.path(), Optional.empty(), "not set", problem));
    }
  }

  /// A default gives way to the limit: whoever sets only that need not know of it.
  private static void checkAtMost(
      SettingValues values, SettingDefinition<Integer> key, SettingDefinition<Integer> limit) {
    if (!values.isValid(key) || !values.isValid(limit)) {
      return;
    }
    int value = values.valueOf(key);
    int most = values.valueOf(limit);
    if (value > most && values.source(key).equals(SettingValues.DEFAULT)) {
      values.take(key, Integer.toString(most), SettingValues.DEFAULT);
    } else if (value > most) {
      String problem =
          "must be at most %s, which is %d (%s)"
              .formatted(limit.path(), most, values.source(limit));
      values.fault(
          new ConfigFault(
              key.path(), Optional.of(Integer.toString(value)), values.source(key), problem));
    }
  }

  private static void checkPreviousKeys(SettingValues values) {
    if (values.isValid(SettingDefinitions.SECRETS_KEY)
        && values.isValid(SettingDefinitions.SECRETS_PREVIOUS_KEYS)
        && values.valueOf(SettingDefinitions.SECRETS_KEY).isEmpty()
        && !values.valueOf(SettingDefinitions.SECRETS_PREVIOUS_KEYS).isEmpty()) {
      values.fault(
          new ConfigFault(
              SettingDefinitions.SECRETS_PREVIOUS_KEYS.path(),
              Optional.of("***"),
              values.source(SettingDefinitions.SECRETS_PREVIOUS_KEYS),
              "must come with the key that takes their place: set %s, or %s"
                  .formatted(
                      SettingDefinitions.SECRETS_KEY.path(),
                      SettingDefinitions.SECRETS_KEY.environment())));
    }
  }

  private static SecretsConfig secrets(
      Path directory, SettingValues values, Map<String, String> environment) {
    List<String> names = values.valueOf(SettingDefinitions.SECRETS_ENV);
    Map<String, Secret> set = new HashMap<>();
    for (String name : names) {
      Optional.ofNullable(environment.get(name))
          .filter(text -> !text.isEmpty())
          .ifPresent(text -> set.put(name, Secret.of(text)));
    }
    return new SecretsConfig(
        values.valueOf(SettingDefinitions.SECRETS_KEY),
        values.valueOf(SettingDefinitions.SECRETS_PREVIOUS_KEYS),
        names,
        set,
        values.valueOf(SettingDefinitions.SECRETS_FOLDER).map(directory::resolve));
  }

  private static Config config(
      Path directory, SettingValues values, Map<String, String> environment) {
    String host = values.valueOf(SettingDefinitions.SERVER_HOST);
    return new Config(
        values.valueOf(SettingDefinitions.SHUTDOWN_TIMEOUT),
        directory.resolve(values.valueOf(SettingDefinitions.DATA_DIR)),
        new ServerConfig(
            host,
            values.valueOf(SettingDefinitions.SERVER_PORT),
            values.valueOf(SettingDefinitions.SERVER_ALLOWED_HOSTS),
            values.valueOf(SettingDefinitions.SERVER_TRUSTED_PROXIES),
            values.valueOf(SettingDefinitions.SERVER_READ_TIMEOUT),
            values.valueOf(SettingDefinitions.SERVER_WRITE_TIMEOUT),
            values.valueOf(SettingDefinitions.SERVER_SHUTDOWN_TIMEOUT),
            values.valueOf(SettingDefinitions.SERVER_MAX_IN_FLIGHT),
            values.valueOf(SettingDefinitions.SERVER_MAX_BODY_SIZE),
            tls(directory, values)),
        new AuthConfig(values.valueOf(SettingDefinitions.AUTH_ENABLED)),
        oidc(values),
        new DatabaseConfig(
            values.valueOf(SettingDefinitions.DATABASE_MODE),
            values.valueOf(SettingDefinitions.DATABASE_HOST),
            values.valueOf(SettingDefinitions.DATABASE_PORT),
            values.valueOf(SettingDefinitions.DATABASE_NAME),
            values.valueOf(SettingDefinitions.DATABASE_USER),
            values.valueOf(SettingDefinitions.DATABASE_PASSWORD),
            values.valueOf(SettingDefinitions.DATABASE_SSLMODE),
            values.valueOf(SettingDefinitions.DATABASE_MAX_OPEN_CONNS),
            values.valueOf(SettingDefinitions.DATABASE_MAX_IDLE_CONNS),
            values.valueOf(SettingDefinitions.DATABASE_CONN_MAX_LIFETIME),
            values.valueOf(SettingDefinitions.DATABASE_CONN_TIMEOUT)),
        new LoggingConfig(
            values.valueOf(SettingDefinitions.LOGGING_LEVEL),
            values.valueOf(SettingDefinitions.LOGGING_FORMAT)),
        new CorsConfig(
            values.valueOf(SettingDefinitions.CORS_ENABLED),
            values.valueOf(SettingDefinitions.CORS_ORIGINS),
            values.valueOf(SettingDefinitions.CORS_ALLOWED_METHODS),
            values.valueOf(SettingDefinitions.CORS_ALLOWED_HEADERS),
            values.valueOf(SettingDefinitions.CORS_ALLOW_CREDENTIALS),
            values.valueOf(SettingDefinitions.CORS_MAX_AGE)),
        new PaginationConfig(
            values.valueOf(SettingDefinitions.PAGINATION_DEFAULT_PAGE_SIZE),
            values.valueOf(SettingDefinitions.PAGINATION_MAX_PAGE_SIZE)),
        new EgressConfig(
            isLoopbackAllowed(values, host),
            values.valueOf(SettingDefinitions.EGRESS_PRIVATE_NETWORKS)),
        new UpstreamConfig(
            values.valueOf(SettingDefinitions.UPSTREAM_CONNECT_TIMEOUT),
            values.valueOf(SettingDefinitions.UPSTREAM_RESPONSE_TIMEOUT),
            values.valueOf(SettingDefinitions.UPSTREAM_STREAM_IDLE_TIMEOUT),
            values.valueOf(SettingDefinitions.UPSTREAM_STREAM_TIMEOUT)),
        secrets(directory, values, environment));
  }

  private static Optional<ServerConfig.Tls> tls(Path directory, SettingValues values) {
    return values
        .valueOf(SettingDefinitions.SERVER_TLS_CERT)
        .flatMap(certificate ->
            values
                .valueOf(SettingDefinitions.SERVER_TLS_KEY)
                .map(key ->
                    new ServerConfig.Tls(directory.resolve(certificate), directory.resolve(key))));
  }

  private static Optional<OidcConfig> oidc(SettingValues values) {
    String claim = values.valueOf(SettingDefinitions.AUTH_OIDC_SCOPES_CLAIM);
    return values
        .valueOf(SettingDefinitions.AUTH_OIDC_ISSUER)
        .flatMap(issuer ->
            values
                .valueOf(SettingDefinitions.AUTH_OIDC_AUDIENCE)
                .map(audience -> new OidcConfig(issuer, audience, claim)));
  }

  private static boolean isLoopbackAllowed(SettingValues values, String host) {
    return switch (values.valueOf(SettingDefinitions.EGRESS_LOOPBACK)) {
      case ALLOW -> true;
      case DENY -> false;
      // A proxy on this machine may stand before a loopback address; its callers are of elsewhere.
      case AUTO ->
          isLoopback(host) && values.valueOf(SettingDefinitions.SERVER_ALLOWED_HOSTS).isEmpty();
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
