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
record SettingRow(
    String key,
    String environment,
    Function<Config, Object> part,
    Object byDefault,
    SettingSamples samples) {

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
      case "secrets.previous_keys" -> Map.of("SECRETS_KEY", SettingSamples.ONE_KEY);
      default -> Map.of();
    };
  }

  @Override
  public String toString() {
    return key;
  }

  static List<SettingRow> all() {
    return List.of(
        new SettingRow(
            "shutdown_timeout",
            "SERVICE_SHUTDOWN_TIMEOUT",
            c -> c.shutdownTimeout(),
            Duration.ofSeconds(30),
            SettingSamples.TIMEOUT),
        new SettingRow(
            "data_dir", "SERVICE_DATA_DIR", c -> c.dataDir(), Path.of("data"), SettingSamples.PATH),
        new SettingRow(
            "server.host", "SERVER_HOST", c -> c.server().host(), "0.0.0.0", SettingSamples.TEXT),
        new SettingRow(
            "server.port", "SERVER_PORT", c -> c.server().port(), 8080, SettingSamples.PORT),
        new SettingRow(
            "server.allowed_hosts",
            "SERVER_ALLOWED_HOSTS",
            c -> c.server().allowedHosts(),
            List.of(),
            SettingSamples.HOSTS),
        new SettingRow(
            "server.trusted_proxies",
            "SERVER_TRUSTED_PROXIES",
            c -> c.server().trustedProxies(),
            List.of(),
            SettingSamples.NETWORKS),
        new SettingRow(
            "server.read_timeout",
            "SERVER_READ_TIMEOUT",
            c -> c.server().readTimeout(),
            Duration.ofSeconds(30),
            SettingSamples.TIMEOUT),
        new SettingRow(
            "server.write_timeout",
            "SERVER_WRITE_TIMEOUT",
            c -> c.server().writeTimeout(),
            Duration.ofSeconds(30),
            SettingSamples.TIMEOUT),
        new SettingRow(
            "server.shutdown_timeout",
            "SERVER_SHUTDOWN_TIMEOUT",
            c -> c.server().shutdownTimeout(),
            Duration.ofSeconds(30),
            SettingSamples.TIMEOUT),
        new SettingRow(
            "server.max_in_flight",
            "SERVER_MAX_IN_FLIGHT",
            c -> c.server().maxInFlight(),
            1024,
            SettingSamples.COUNT),
        new SettingRow(
            "server.max_body_size",
            "SERVER_MAX_BODY_SIZE",
            c -> c.server().maxBodySize(),
            1_048_576,
            SettingSamples.COUNT),
        new SettingRow(
            "server.tls_cert",
            "SERVER_TLS_CERT",
            c -> c.server().tls().map(ServerConfig.Tls::certificate),
            Optional.empty(),
            SettingSamples.OPTIONAL_PATH),
        new SettingRow(
            "server.tls_key",
            "SERVER_TLS_KEY",
            c -> c.server().tls().map(ServerConfig.Tls::key),
            Optional.empty(),
            SettingSamples.OPTIONAL_PATH),
        new SettingRow(
            "auth.enabled", "AUTH_ENABLED", c -> c.auth().enabled(), true, SettingSamples.FALSE),
        new SettingRow(
            "auth.oidc_issuer",
            "AUTH_OIDC_ISSUER",
            c -> c.oidc().map(OidcConfig::issuer),
            Optional.empty(),
            SettingSamples.ISSUER),
        new SettingRow(
            "auth.oidc_audience",
            "AUTH_OIDC_AUDIENCE",
            c -> c.oidc().map(OidcConfig::audience),
            Optional.empty(),
            SettingSamples.AUDIENCE),
        new SettingRow(
            "auth.oidc_scopes_claim",
            "AUTH_OIDC_SCOPES_CLAIM",
            c -> c.oidc().map(OidcConfig::scopesClaim).orElse("scope"),
            "scope",
            SettingSamples.TEXT),
        new SettingRow(
            "database.mode",
            "DATABASE_MODE",
            c -> c.database().mode(),
            Mode.EMBEDDED,
            SettingSamples.choice(Mode.EMBEDDED, Mode.EMBEDDED, "embedded, external")),
        new SettingRow(
            "database.host",
            "DATABASE_HOST",
            c -> c.database().host(),
            "localhost",
            SettingSamples.TEXT),
        new SettingRow(
            "database.port", "DATABASE_PORT", c -> c.database().port(), 5432, SettingSamples.PORT),
        new SettingRow(
            "database.name",
            "DATABASE_NAME",
            c -> c.database().name(),
            "agent_lab",
            SettingSamples.TEXT),
        new SettingRow(
            "database.user",
            "DATABASE_USER",
            c -> c.database().user(),
            "agent_lab",
            SettingSamples.TEXT),
        new SettingRow(
            "database.password",
            "DATABASE_PASSWORD",
            c -> c.database().password(),
            Secret.of(""),
            SettingSamples.SECRET),
        new SettingRow(
            "database.sslmode",
            "DATABASE_SSLMODE",
            c -> c.database().sslmode(),
            SslMode.PREFER,
            SettingSamples.choice(
                SslMode.DISABLE,
                SslMode.VERIFY_FULL,
                "disable, allow, prefer, require, verify-ca, verify-full")),
        new SettingRow(
            "database.max_open_conns",
            "DATABASE_MAX_OPEN_CONNS",
            c -> c.database().maxOpenConns(),
            25,
            SettingSamples.COUNT),
        new SettingRow(
            "database.max_idle_conns",
            "DATABASE_MAX_IDLE_CONNS",
            c -> c.database().maxIdleConns(),
            5,
            SettingSamples.IDLE),
        new SettingRow(
            "database.conn_max_lifetime",
            "DATABASE_CONN_MAX_LIFETIME",
            c -> c.database().connMaxLifetime(),
            Duration.ofMinutes(15),
            SettingSamples.LIFETIME),
        new SettingRow(
            "database.conn_timeout",
            "DATABASE_CONN_TIMEOUT",
            c -> c.database().connTimeout(),
            Duration.ofSeconds(5),
            SettingSamples.TIMEOUT),
        new SettingRow(
            "logging.level",
            "LOGGING_LEVEL",
            c -> c.logging().level(),
            Level.INFO,
            SettingSamples.choice(Level.DEBUG, Level.ERROR, "debug, info, warn, error")),
        new SettingRow(
            "logging.format",
            "LOGGING_FORMAT",
            c -> c.logging().format(),
            Format.JSON,
            SettingSamples.choice(Format.TEXT, Format.TEXT, "text, json")),
        new SettingRow(
            "cors.enabled", "CORS_ENABLED", c -> c.cors().enabled(), false, SettingSamples.BOOLEAN),
        new SettingRow(
            "cors.origins",
            "CORS_ORIGINS",
            c -> c.cors().origins(),
            List.of(),
            SettingSamples.ORIGINS),
        new SettingRow(
            "cors.allowed_methods",
            "CORS_ALLOWED_METHODS",
            c -> c.cors().allowedMethods(),
            List.of("GET", "POST", "PUT", "DELETE", "OPTIONS"),
            SettingSamples.TOKENS),
        new SettingRow(
            "cors.allowed_headers",
            "CORS_ALLOWED_HEADERS",
            c -> c.cors().allowedHeaders(),
            List.of("Content-Type", "Authorization"),
            SettingSamples.TOKENS),
        new SettingRow(
            "cors.allow_credentials",
            "CORS_ALLOW_CREDENTIALS",
            c -> c.cors().allowCredentials(),
            false,
            SettingSamples.BOOLEAN),
        new SettingRow(
            "cors.max_age",
            "CORS_MAX_AGE",
            c -> c.cors().maxAge(),
            Duration.ofHours(1),
            SettingSamples.SECONDS),
        new SettingRow(
            "pagination.default_page_size",
            "PAGINATION_DEFAULT_PAGE_SIZE",
            c -> c.pagination().defaultPageSize(),
            20,
            SettingSamples.PAGE_SIZE),
        new SettingRow(
            "pagination.max_page_size",
            "PAGINATION_MAX_PAGE_SIZE",
            c -> c.pagination().maxPageSize(),
            100,
            SettingSamples.COUNT),
        new SettingRow(
            "egress.loopback",
            "EGRESS_LOOPBACK",
            c -> c.egress().loopback(),
            false,
            SettingSamples.LOOPBACK),
        new SettingRow(
            "egress.private_networks",
            "EGRESS_PRIVATE_NETWORKS",
            c -> c.egress().privateNetworks(),
            List.of(),
            SettingSamples.NETWORKS),
        new SettingRow(
            "upstream.connect_timeout",
            "UPSTREAM_CONNECT_TIMEOUT",
            c -> c.upstream().connectTimeout(),
            Duration.ofSeconds(5),
            SettingSamples.TIMEOUT),
        new SettingRow(
            "upstream.response_timeout",
            "UPSTREAM_RESPONSE_TIMEOUT",
            c -> c.upstream().responseTimeout(),
            Duration.ofSeconds(30),
            SettingSamples.TIMEOUT),
        new SettingRow(
            "upstream.stream_idle_timeout",
            "UPSTREAM_STREAM_IDLE_TIMEOUT",
            c -> c.upstream().streamIdleTimeout(),
            Duration.ofMinutes(1),
            SettingSamples.TIMEOUT),
        new SettingRow(
            "upstream.stream_timeout",
            "UPSTREAM_STREAM_TIMEOUT",
            c -> c.upstream().streamTimeout(),
            Duration.ofMinutes(30),
            SettingSamples.TIMEOUT),
        new SettingRow(
            "secrets.key",
            "SECRETS_KEY",
            c -> c.secrets().key(),
            Optional.empty(),
            SettingSamples.KEY),
        new SettingRow(
            "secrets.previous_keys",
            "SECRETS_PREVIOUS_KEYS",
            c -> c.secrets().previousKeys(),
            List.of(),
            SettingSamples.KEYS),
        new SettingRow(
            "secrets.env",
            "SECRETS_ENV",
            c -> c.secrets().env(),
            List.of(),
            SettingSamples.VARIABLES),
        new SettingRow(
            "secrets.folder",
            "SECRETS_FOLDER",
            c -> c.secrets().folder(),
            Optional.empty(),
            SettingSamples.PATH_OR_NONE));
  }
}
