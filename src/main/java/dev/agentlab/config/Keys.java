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
final class Keys {
  /// Names the overlay file, and stands in no file itself.
  static final String OVERLAY = "SERVICE_ENV";

  /// Names an external database as a whole, and stands in no file itself.
  static final String DATABASE_DSN = "DATABASE_DSN";

  static final Key<Duration> SHUTDOWN_TIMEOUT = Key.of("shutdown_timeout", Kind.timeout(), "30s");
  static final Key<Path> DATA_DIR = Key.of("data_dir", Kind.path(), "data");

  static final Key<String> SERVER_HOST = Key.of("server.host", Kind.text(), "0.0.0.0");
  static final Key<Integer> SERVER_PORT = Key.of("server.port", Kind.integer(1, 65535), "8080");
  static final Key<List<String>> SERVER_ALLOWED_HOSTS =
      Key.of("server.allowed_hosts", Kind.hosts(), "");
  static final Key<List<String>> SERVER_TRUSTED_PROXIES =
      Key.of("server.trusted_proxies", Kind.networks(), "");
  static final Key<Duration> SERVER_READ_TIMEOUT =
      Key.of("server.read_timeout", Kind.timeout(), "30s");
  static final Key<Duration> SERVER_WRITE_TIMEOUT =
      Key.of("server.write_timeout", Kind.timeout(), "30s");
  static final Key<Duration> SERVER_SHUTDOWN_TIMEOUT =
      Key.of("server.shutdown_timeout", Kind.timeout(), "30s");
  static final Key<Integer> SERVER_MAX_IN_FLIGHT =
      Key.of("server.max_in_flight", Kind.integer(1), "1024");
  static final Key<Integer> SERVER_MAX_BODY_SIZE =
      Key.of("server.max_body_size", Kind.integer(1), "1048576");

  static final Key<Optional<Path>> SERVER_TLS_CERT =
      Key.of("server.tls_cert", Kind.optional(Kind.path()), "");
  static final Key<Optional<Path>> SERVER_TLS_KEY =
      Key.of("server.tls_key", Kind.optional(Kind.path()), "");
  static final Key<Boolean> AUTH_ENABLED = Key.of("auth.enabled", Kind.bool(), "true");

  static final Key<Optional<String>> AUTH_OIDC_ISSUER =
      Key.of("auth.oidc_issuer", Kind.optional(Kind.issuer()), "");
  static final Key<Optional<String>> AUTH_OIDC_AUDIENCE =
      Key.of("auth.oidc_audience", Kind.optional(Kind.text()), "");
  static final Key<String> AUTH_OIDC_SCOPES_CLAIM =
      Key.of("auth.oidc_scopes_claim", Kind.text(), "scope");

  // The mode follows from whether the host is set, and the defaults of the host, the name, the user
  // and the password from the mode.
  static final Key<Mode> DATABASE_MODE = Key.of("database.mode", Kind.choice(Mode.class));
  static final Key<String> DATABASE_HOST = Key.of("database.host", Kind.text());
  static final Key<Integer> DATABASE_PORT = Key.of("database.port", Kind.integer(1, 65535), "5432");
  static final Key<String> DATABASE_NAME = Key.of("database.name", Kind.text());
  static final Key<String> DATABASE_USER = Key.of("database.user", Kind.text());
  static final Key<Secret> DATABASE_PASSWORD = Key.of("database.password", Kind.secret());
  static final Key<SslMode> DATABASE_SSLMODE =
      Key.of("database.sslmode", Kind.choice(SslMode.class), "prefer");
  static final Key<Integer> DATABASE_MAX_OPEN_CONNS =
      Key.of("database.max_open_conns", Kind.integer(1), "25");
  static final Key<Integer> DATABASE_MAX_IDLE_CONNS =
      Key.of("database.max_idle_conns", Kind.integer(0), "5");
  static final Key<Duration> DATABASE_CONN_MAX_LIFETIME =
      Key.of(
          "database.conn_max_lifetime", Kind.duration(Duration.ZERO, Duration.ofDays(365)), "15m");
  static final Key<Duration> DATABASE_CONN_TIMEOUT =
      Key.of("database.conn_timeout", Kind.timeout(), "5s");

  static final Key<Level> LOGGING_LEVEL = Key.of("logging.level", Kind.choice(Level.class), "info");
  static final Key<Format> LOGGING_FORMAT =
      Key.of("logging.format", Kind.choice(Format.class), "json");

  static final Key<Boolean> CORS_ENABLED = Key.of("cors.enabled", Kind.bool(), "false");
  static final Key<List<String>> CORS_ORIGINS = Key.of("cors.origins", Kind.origins(), "");
  static final Key<List<String>> CORS_ALLOWED_METHODS =
      Key.of("cors.allowed_methods", Kind.tokens(), "GET, POST, PUT, DELETE, OPTIONS");
  static final Key<List<String>> CORS_ALLOWED_HEADERS =
      Key.of("cors.allowed_headers", Kind.tokens(), "Content-Type, Authorization");
  static final Key<Boolean> CORS_ALLOW_CREDENTIALS =
      Key.of("cors.allow_credentials", Kind.bool(), "false");
  static final Key<Duration> CORS_MAX_AGE = Key.of("cors.max_age", Kind.seconds(), "3600");

  static final Key<Integer> PAGINATION_DEFAULT_PAGE_SIZE =
      Key.of("pagination.default_page_size", Kind.integer(1), "20");
  static final Key<Integer> PAGINATION_MAX_PAGE_SIZE =
      Key.of("pagination.max_page_size", Kind.integer(1), "100");

  static final Key<Loopback> EGRESS_LOOPBACK =
      Key.of("egress.loopback", Kind.choice(Loopback.class), "auto");
  static final Key<List<String>> EGRESS_PRIVATE_NETWORKS =
      Key.of("egress.private_networks", Kind.networks(), "");

  static final Key<Duration> UPSTREAM_CONNECT_TIMEOUT =
      Key.of("upstream.connect_timeout", Kind.timeout(), "5s");
  static final Key<Duration> UPSTREAM_RESPONSE_TIMEOUT =
      Key.of("upstream.response_timeout", Kind.timeout(), "30s");
  static final Key<Duration> UPSTREAM_STREAM_IDLE_TIMEOUT =
      Key.of("upstream.stream_idle_timeout", Kind.timeout(), "1m");
  static final Key<Duration> UPSTREAM_STREAM_TIMEOUT =
      Key.of("upstream.stream_timeout", Kind.timeout(), "30m");

  static final Key<Optional<Secret>> SECRETS_KEY =
      Key.of("secrets.key", Kind.optional(Kind.key()), "");
  static final Key<List<Secret>> SECRETS_PREVIOUS_KEYS =
      Key.of("secrets.previous_keys", Kind.keys(), "");
  static final Key<List<String>> SECRETS_ENV = Key.of("secrets.env", Kind.variables(), "");
  static final Key<Optional<Path>> SECRETS_FOLDER =
      Key.of("secrets.folder", Kind.optional(Kind.path()), "");

  /// In the order in which people see them.
  static final List<Key<?>> ALL =
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

  private Keys() {}
}
