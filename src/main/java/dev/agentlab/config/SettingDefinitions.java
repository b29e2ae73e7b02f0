package dev.agentlab.config;

import dev.agentlab.config.DatabaseConfig.Mode;
import dev.agentlab.config.EgressConfig.Loopback;
import dev.agentlab.config.LoggingConfig.Format;
import dev.agentlab.config.LoggingConfig.Level;
import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Every key there is: loading, checking and showing the configuration all read this table.
final class SettingDefinitions {
  /// Names the overlay file, and stands in no file itself.
  static final String OVERLAY = "SERVICE_ENV";

  /// Names an external database as a whole, and stands in no file itself.
  static final String DATABASE_DSN = "DATABASE_DSN";

  static final SettingDefinition<Duration> SHUTDOWN_TIMEOUT =
      SettingDefinition.of("shutdown_timeout", SettingType.timeout(), "30s");
  static final SettingDefinition<Path> DATA_DIR =
      SettingDefinition.of("data_dir", SettingType.path(), "data");

  static final SettingDefinition<String> SERVER_HOST =
      SettingDefinition.of("server.host", SettingType.text(), "0.0.0.0");
  static final SettingDefinition<Integer> SERVER_PORT =
      SettingDefinition.of("server.port", SettingType.integer(1, 65535), "8080");
  static final SettingDefinition<List<String>> SERVER_ALLOWED_HOSTS =
      SettingDefinition.of("server.allowed_hosts", SettingType.hosts(), "");
  static final SettingDefinition<List<String>> SERVER_TRUSTED_PROXIES =
      SettingDefinition.of("server.trusted_proxies", SettingType.networks(), "");
  static final SettingDefinition<Duration> SERVER_READ_TIMEOUT =
      SettingDefinition.of("server.read_timeout", SettingType.timeout(), "30s");
  static final SettingDefinition<Duration> SERVER_WRITE_TIMEOUT =
      SettingDefinition.of("server.write_timeout", SettingType.timeout(), "30s");
  static final SettingDefinition<Duration> SERVER_SHUTDOWN_TIMEOUT =
      SettingDefinition.of("server.shutdown_timeout", SettingType.timeout(), "30s");
  static final SettingDefinition<Integer> SERVER_MAX_IN_FLIGHT =
      SettingDefinition.of("server.max_in_flight", SettingType.integer(1), "1024");
  static final SettingDefinition<Integer> SERVER_MAX_BODY_SIZE =
      SettingDefinition.of("server.max_body_size", SettingType.integer(1), "1048576");

  static final SettingDefinition<Optional<Path>> SERVER_TLS_CERT =
      SettingDefinition.of("server.tls_cert", SettingType.optional(SettingType.path()), "");
  static final SettingDefinition<Optional<Path>> SERVER_TLS_KEY =
      SettingDefinition.of("server.tls_key", SettingType.optional(SettingType.path()), "");
  static final SettingDefinition<Boolean> AUTH_ENABLED =
      SettingDefinition.of("auth.enabled", SettingType.bool(), "true");

  static final SettingDefinition<Optional<String>> AUTH_OIDC_ISSUER =
      SettingDefinition.of("auth.oidc_issuer", SettingType.optional(SettingType.issuer()), "");
  static final SettingDefinition<Optional<String>> AUTH_OIDC_AUDIENCE =
      SettingDefinition.of("auth.oidc_audience", SettingType.optional(SettingType.text()), "");
  static final SettingDefinition<String> AUTH_OIDC_SCOPES_CLAIM =
      SettingDefinition.of("auth.oidc_scopes_claim", SettingType.text(), "scope");

  // The mode follows from whether the host is set, and the defaults of the host, the name, the user
  // and the password from the mode.
  static final SettingDefinition<Mode> DATABASE_MODE =
      SettingDefinition.of("database.mode", SettingType.choice(Mode.class));
  static final SettingDefinition<String> DATABASE_HOST =
      SettingDefinition.of("database.host", SettingType.text());
  static final SettingDefinition<Integer> DATABASE_PORT =
      SettingDefinition.of("database.port", SettingType.integer(1, 65535), "5432");
  static final SettingDefinition<String> DATABASE_NAME =
      SettingDefinition.of("database.name", SettingType.text());
  static final SettingDefinition<String> DATABASE_USER =
      SettingDefinition.of("database.user", SettingType.text());
  static final SettingDefinition<Secret> DATABASE_PASSWORD =
      SettingDefinition.of("database.password", SettingType.secret());
  static final SettingDefinition<SslMode> DATABASE_SSLMODE =
      SettingDefinition.of("database.sslmode", SettingType.choice(SslMode.class), "prefer");
  static final SettingDefinition<Integer> DATABASE_MAX_OPEN_CONNS =
      SettingDefinition.of("database.max_open_conns", SettingType.integer(1), "25");
  static final SettingDefinition<Integer> DATABASE_MAX_IDLE_CONNS =
      SettingDefinition.of("database.max_idle_conns", SettingType.integer(0), "5");
  static final SettingDefinition<Duration> DATABASE_CONN_MAX_LIFETIME =
      SettingDefinition.of(
          "database.conn_max_lifetime",
          SettingType.duration(Duration.ZERO, Duration.ofDays(365)),
          "15m");
  static final SettingDefinition<Duration> DATABASE_CONN_TIMEOUT =
      SettingDefinition.of("database.conn_timeout", SettingType.timeout(), "5s");

  static final SettingDefinition<Level> LOGGING_LEVEL =
      SettingDefinition.of("logging.level", SettingType.choice(Level.class), "info");
  static final SettingDefinition<Format> LOGGING_FORMAT =
      SettingDefinition.of("logging.format", SettingType.choice(Format.class), "json");

  static final SettingDefinition<Boolean> CORS_ENABLED =
      SettingDefinition.of("cors.enabled", SettingType.bool(), "false");
  static final SettingDefinition<List<String>> CORS_ORIGINS =
      SettingDefinition.of("cors.origins", SettingType.origins(), "");
  static final SettingDefinition<List<String>> CORS_ALLOWED_METHODS =
      SettingDefinition.of(
          "cors.allowed_methods", SettingType.tokens(), "GET, POST, PUT, DELETE, OPTIONS");
  static final SettingDefinition<List<String>> CORS_ALLOWED_HEADERS =
      SettingDefinition.of(
          "cors.allowed_headers", SettingType.tokens(), "Content-Type, Authorization");
  static final SettingDefinition<Boolean> CORS_ALLOW_CREDENTIALS =
      SettingDefinition.of("cors.allow_credentials", SettingType.bool(), "false");
  static final SettingDefinition<Duration> CORS_MAX_AGE =
      SettingDefinition.of("cors.max_age", SettingType.seconds(), "3600");

  static final SettingDefinition<Integer> PAGINATION_DEFAULT_PAGE_SIZE =
      SettingDefinition.of("pagination.default_page_size", SettingType.integer(1), "20");
  static final SettingDefinition<Integer> PAGINATION_MAX_PAGE_SIZE =
      SettingDefinition.of("pagination.max_page_size", SettingType.integer(1), "100");

  static final SettingDefinition<Loopback> EGRESS_LOOPBACK =
      SettingDefinition.of("egress.loopback", SettingType.choice(Loopback.class), "auto");
  static final SettingDefinition<List<String>> EGRESS_PRIVATE_NETWORKS =
      SettingDefinition.of("egress.private_networks", SettingType.networks(), "");

  static final SettingDefinition<Duration> UPSTREAM_CONNECT_TIMEOUT =
      SettingDefinition.of("upstream.connect_timeout", SettingType.timeout(), "5s");
  static final SettingDefinition<Duration> UPSTREAM_RESPONSE_TIMEOUT =
      SettingDefinition.of("upstream.response_timeout", SettingType.timeout(), "30s");
  static final SettingDefinition<Duration> UPSTREAM_STREAM_IDLE_TIMEOUT =
      SettingDefinition.of("upstream.stream_idle_timeout", SettingType.timeout(), "1m");
  static final SettingDefinition<Duration> UPSTREAM_STREAM_TIMEOUT =
      SettingDefinition.of("upstream.stream_timeout", SettingType.timeout(), "30m");

  static final SettingDefinition<Optional<Secret>> SECRETS_KEY =
      SettingDefinition.of("secrets.key", SettingType.optional(SettingType.key()), "");
  static final SettingDefinition<List<Secret>> SECRETS_PREVIOUS_KEYS =
      SettingDefinition.of("secrets.previous_keys", SettingType.keys(), "");
  static final SettingDefinition<List<String>> SECRETS_ENV =
      SettingDefinition.of("secrets.env", SettingType.variables(), "");
  static final SettingDefinition<Optional<Path>> SECRETS_FOLDER =
      SettingDefinition.of("secrets.folder", SettingType.optional(SettingType.path()), "");

  /// In the order in which people see them.
  static final List<SettingDefinition<?>> ALL =
      List.of(
          SHUTDOWN_TIMEOUT,
          DATA_DIR,
          SERVER_HOST,
          SERVER_PORT,
          SERVER_ALLOWED_HOSTS,
          SERVER_TRUSTED_PROXIES,
          SERVER_READ_TIMEOUT,
          SERVER_WRITE_TIMEOUT,
          SERVER_SHUTDOWN_TIMEOUT,
          SERVER_MAX_IN_FLIGHT,
          SERVER_MAX_BODY_SIZE,
          SERVER_TLS_CERT,
          SERVER_TLS_KEY,
          AUTH_ENABLED,
          AUTH_OIDC_ISSUER,
          AUTH_OIDC_AUDIENCE,
          AUTH_OIDC_SCOPES_CLAIM,
          DATABASE_MODE,
          DATABASE_HOST,
          DATABASE_PORT,
          DATABASE_NAME,
          DATABASE_USER,
          DATABASE_PASSWORD,
          DATABASE_SSLMODE,
          DATABASE_MAX_OPEN_CONNS,
          DATABASE_MAX_IDLE_CONNS,
          DATABASE_CONN_MAX_LIFETIME,
          DATABASE_CONN_TIMEOUT,
          LOGGING_LEVEL,
          LOGGING_FORMAT,
          CORS_ENABLED,
          CORS_ORIGINS,
          CORS_ALLOWED_METHODS,
          CORS_ALLOWED_HEADERS,
          CORS_ALLOW_CREDENTIALS,
          CORS_MAX_AGE,
          PAGINATION_DEFAULT_PAGE_SIZE,
          PAGINATION_MAX_PAGE_SIZE,
          EGRESS_LOOPBACK,
          EGRESS_PRIVATE_NETWORKS,
          UPSTREAM_CONNECT_TIMEOUT,
          UPSTREAM_RESPONSE_TIMEOUT,
          UPSTREAM_STREAM_IDLE_TIMEOUT,
          UPSTREAM_STREAM_TIMEOUT,
          SECRETS_KEY,
          SECRETS_PREVIOUS_KEYS,
          SECRETS_ENV,
          SECRETS_FOLDER);

  private SettingDefinitions() {}
}
