package dev.agentlab.config;

import dev.agentlab.config.DatabaseConfig.Mode;
import dev.agentlab.config.LoggingConfig.Format;
import dev.agentlab.config.LoggingConfig.Level;
import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// One key as it is to be.
///
/// @param part where the value ends up
record KeyRow(
    String key,
    String environment,
    Function<Config, Object> part,
    Object byDefault,
    KeySamples samples) {

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
      case "secrets.previous_keys" -> Map.of("SECRETS_KEY", KeySamples.ONE_KEY);
      default -> Map.of();
    };
  }

  @Override
  public String toString() {
    return key;
  }

  static List<KeyRow> all() {
    return List.of(
        new KeyRow(
            "shutdown_timeout",
            "SERVICE_SHUTDOWN_TIMEOUT",
            c -> c.shutdownTimeout(),
            Duration.ofSeconds(30),
            KeySamples.TIMEOUT),
        new KeyRow(
            "data_dir", "SERVICE_DATA_DIR", c -> c.dataDir(), Path.of("data"), KeySamples.PATH),
        new KeyRow(
            "server.host", "SERVER_HOST", c -> c.server().host(), "0.0.0.0", KeySamples.TEXT),
        new KeyRow("server.port", "SERVER_PORT", c -> c.server().port(), 8080, KeySamples.PORT),
        new KeyRow(
            "server.allowed_hosts",
            "SERVER_ALLOWED_HOSTS",
            c -> c.server().allowedHosts(),
            List.of(),
            KeySamples.HOSTS),
        new KeyRow(
            "server.trusted_proxies",
            "SERVER_TRUSTED_PROXIES",
            c -> c.server().trustedProxies(),
            List.of(),
            KeySamples.NETWORKS),
        new KeyRow(
            "server.read_timeout",
            "SERVER_READ_TIMEOUT",
            c -> c.server().readTimeout(),
            Duration.ofSeconds(30),
            KeySamples.TIMEOUT),
        new KeyRow(
            "server.write_timeout",
            "SERVER_WRITE_TIMEOUT",
            c -> c.server().writeTimeout(),
            Duration.ofSeconds(30),
            KeySamples.TIMEOUT),
        new KeyRow(
            "server.shutdown_timeout",
            "SERVER_SHUTDOWN_TIMEOUT",
            c -> c.server().shutdownTimeout(),
            Duration.ofSeconds(30),
            KeySamples.TIMEOUT),
        new KeyRow(
            "server.max_in_flight",
            "SERVER_MAX_IN_FLIGHT",
            c -> c.server().maxInFlight(),
            1024,
            KeySamples.COUNT),
        new KeyRow(
            "server.max_body_size",
            "SERVER_MAX_BODY_SIZE",
            c -> c.server().maxBodySize(),
            1_048_576,
            KeySamples.COUNT),
        new KeyRow(
            "server.tls_cert",
            "SERVER_TLS_CERT",
            c -> c.server().tls().map(ServerConfig.Tls::certificate),
            Optional.empty(),
            KeySamples.OPTIONAL_PATH),
        new KeyRow(
            "server.tls_key",
            "SERVER_TLS_KEY",
            c -> c.server().tls().map(ServerConfig.Tls::key),
            Optional.empty(),
            KeySamples.OPTIONAL_PATH),
        new KeyRow("auth.enabled", "AUTH_ENABLED", c -> c.auth().enabled(), true, KeySamples.FALSE),
        new KeyRow(
            "auth.oidc_issuer",
            "AUTH_OIDC_ISSUER",
            c -> c.oidc().map(OidcConfig::issuer),
            Optional.empty(),
            KeySamples.ISSUER),
        new KeyRow(
            "auth.oidc_audience",
            "AUTH_OIDC_AUDIENCE",
            c -> c.oidc().map(OidcConfig::audience),
            Optional.empty(),
            KeySamples.AUDIENCE),
        new KeyRow(
            "auth.oidc_scopes_claim",
            "AUTH_OIDC_SCOPES_CLAIM",
            c -> c.oidc().map(OidcConfig::scopesClaim).orElse("scope"),
            "scope",
            KeySamples.TEXT),
        new KeyRow(
            "database.mode",
            "DATABASE_MODE",
            c -> c.database().mode(),
            Mode.EMBEDDED,
            KeySamples.choice(Mode.EMBEDDED, Mode.EMBEDDED, "embedded, external")),
        new KeyRow(
            "database.host",
            "DATABASE_HOST",
            c -> c.database().host(),
            "localhost",
            KeySamples.TEXT),
        new KeyRow(
            "database.port", "DATABASE_PORT", c -> c.database().port(), 5432, KeySamples.PORT),
        new KeyRow(
            "database.name",
            "DATABASE_NAME",
            c -> c.database().name(),
            "agent_lab",
            KeySamples.TEXT),
        new KeyRow(
            "database.user",
            "DATABASE_USER",
            c -> c.database().user(),
            "agent_lab",
            KeySamples.TEXT),
        new KeyRow(
            "database.password",
            "DATABASE_PASSWORD",
            c -> c.database().password(),
            Secret.of(""),
            KeySamples.SECRET),
        new KeyRow(
            "database.sslmode",
            "DATABASE_SSLMODE",
            c -> c.database().sslmode(),
            SslMode.PREFER,
            KeySamples.choice(
                SslMode.DISABLE,
                SslMode.VERIFY_FULL,
                "disable, allow, prefer, require, verify-ca, verify-full")),
        new KeyRow(
            "database.max_open_conns",
            "DATABASE_MAX_OPEN_CONNS",
            c -> c.database().maxOpenConns(),
            25,
            KeySamples.COUNT),
        new KeyRow(
            "database.max_idle_conns",
            "DATABASE_MAX_IDLE_CONNS",
            c -> c.database().maxIdleConns(),
            5,
            KeySamples.IDLE),
        new KeyRow(
            "database.conn_max_lifetime",
            "DATABASE_CONN_MAX_LIFETIME",
            c -> c.database().connMaxLifetime(),
            Duration.ofMinutes(15),
            KeySamples.LIFETIME),
        new KeyRow(
            "database.conn_timeout",
            "DATABASE_CONN_TIMEOUT",
            c -> c.database().connTimeout(),
            Duration.ofSeconds(5),
            KeySamples.TIMEOUT),
        new KeyRow(
            "logging.level",
            "LOGGING_LEVEL",
            c -> c.logging().level(),
            Level.INFO,
            KeySamples.choice(Level.DEBUG, Level.ERROR, "debug, info, warn, error")),
        new KeyRow(
            "logging.format",
            "LOGGING_FORMAT",
            c -> c.logging().format(),
            Format.JSON,
            KeySamples.choice(Format.TEXT, Format.TEXT, "text, json")),
        new KeyRow(
            "cors.enabled", "CORS_ENABLED", c -> c.cors().enabled(), false, KeySamples.BOOLEAN),
        new KeyRow(
            "cors.origins", "CORS_ORIGINS", c -> c.cors().origins(), List.of(), KeySamples.ORIGINS),
        new KeyRow(
            "cors.allowed_methods",
            "CORS_ALLOWED_METHODS",
            c -> c.cors().allowedMethods(),
            List.of("GET", "POST", "PUT", "DELETE", "OPTIONS"),
            KeySamples.TOKENS),
        new KeyRow(
            "cors.allowed_headers",
            "CORS_ALLOWED_HEADERS",
            c -> c.cors().allowedHeaders(),
            List.of("Content-Type", "Authorization"),
            KeySamples.TOKENS),
        new KeyRow(
            "cors.allow_credentials",
            "CORS_ALLOW_CREDENTIALS",
            c -> c.cors().allowCredentials(),
            false,
            KeySamples.BOOLEAN),
        new KeyRow(
            "cors.max_age",
            "CORS_MAX_AGE",
            c -> c.cors().maxAge(),
            Duration.ofHours(1),
            KeySamples.SECONDS),
        new KeyRow(
            "pagination.default_page_size",
            "PAGINATION_DEFAULT_PAGE_SIZE",
            c -> c.pagination().defaultPageSize(),
            20,
            KeySamples.PAGE_SIZE),
        new KeyRow(
            "pagination.max_page_size",
            "PAGINATION_MAX_PAGE_SIZE",
            c -> c.pagination().maxPageSize(),
            100,
            KeySamples.COUNT),
        new KeyRow(
            "egress.loopback",
            "EGRESS_LOOPBACK",
            c -> c.egress().loopback(),
            false,
            KeySamples.LOOPBACK),
        new KeyRow(
            "egress.private_networks",
            "EGRESS_PRIVATE_NETWORKS",
            c -> c.egress().privateNetworks(),
            List.of(),
            KeySamples.NETWORKS),
        new KeyRow(
            "upstream.connect_timeout",
            "UPSTREAM_CONNECT_TIMEOUT",
            c -> c.upstream().connectTimeout(),
            Duration.ofSeconds(5),
            KeySamples.TIMEOUT),
        new KeyRow(
            "upstream.response_timeout",
            "UPSTREAM_RESPONSE_TIMEOUT",
            c -> c.upstream().responseTimeout(),
            Duration.ofSeconds(30),
            KeySamples.TIMEOUT),
        new KeyRow(
            "upstream.stream_idle_timeout",
            "UPSTREAM_STREAM_IDLE_TIMEOUT",
            c -> c.upstream().streamIdleTimeout(),
            Duration.ofMinutes(1),
            KeySamples.TIMEOUT),
        new KeyRow(
            "upstream.stream_timeout",
            "UPSTREAM_STREAM_TIMEOUT",
            c -> c.upstream().streamTimeout(),
            Duration.ofMinutes(30),
            KeySamples.TIMEOUT),
        new KeyRow(
            "secrets.key", "SECRETS_KEY", c -> c.secrets().key(), Optional.empty(), KeySamples.KEY),
        new KeyRow(
            "secrets.previous_keys",
            "SECRETS_PREVIOUS_KEYS",
            c -> c.secrets().previousKeys(),
            List.of(),
            KeySamples.KEYS),
        new KeyRow(
            "secrets.env", "SECRETS_ENV", c -> c.secrets().env(), List.of(), KeySamples.VARIABLES),
        new KeyRow(
            "secrets.folder",
            "SECRETS_FOLDER",
            c -> c.secrets().folder(),
            Optional.empty(),
            KeySamples.PATH_OR_NONE));
  }
}
