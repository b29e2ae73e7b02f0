package dev.agentlab.config;

import dev.agentlab.logging.LogFormat;
import dev.agentlab.logging.LogLevel;
import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The expected default of a setting, and its sample values.
record SettingRow(Setting<?> setting, Object defaultValue, SettingSamples samples) {

  /// The variables that must be set together with this setting.
  Map<String, String> prerequisites() {
    return switch (setting.key()) {
      case "database.host" -> Map.of("DATABASE_MODE", "embedded");
      case "auth.enabled" -> Map.of("SERVER_HOST", "127.0.0.1");
      case "server.tls_cert" -> Map.of("SERVER_TLS_KEY", "/key.pem");
      case "server.tls_key" -> Map.of("SERVER_TLS_CERT", "/cert.pem");
      case "auth.oidc_issuer" -> Map.of("AUTH_OIDC_AUDIENCE", "lab");
      case "auth.oidc_audience" -> Map.of("AUTH_OIDC_ISSUER", "https://id.example");
      case "auth.oidc_client_id" ->
          Map.of("AUTH_OIDC_ISSUER", "https://id.example", "AUTH_OIDC_AUDIENCE", "lab");
      case "auth.oidc_client_secret" ->
          Map.of(
              "AUTH_OIDC_ISSUER",
              "https://id.example",
              "AUTH_OIDC_AUDIENCE",
              "lab",
              "AUTH_OIDC_CLIENT_ID",
              "lab");
      case "secrets.previous_keys" -> Map.of("SECRETS_KEY", SettingSamples.ONE_KEY);
      default -> Map.of();
    };
  }

  @Override
  public String toString() {
    return setting.key();
  }

  static List<SettingRow> all() {
    return List.of(
        new SettingRow(Settings.SHUTDOWN_TIMEOUT, Duration.ofSeconds(30), SettingSamples.TIMEOUT),
        new SettingRow(Settings.DATA_DIR, Path.of("data"), SettingSamples.PATH),
        new SettingRow(Settings.SERVER_HOST, "0.0.0.0", SettingSamples.TEXT),
        new SettingRow(Settings.SERVER_PORT, 8080, SettingSamples.PORT),
        new SettingRow(Settings.SERVER_ALLOWED_HOSTS, List.of(), SettingSamples.HOSTS),
        new SettingRow(Settings.SERVER_PUBLIC_URL, Optional.empty(), SettingSamples.WEB_ORIGIN),
        new SettingRow(Settings.SERVER_TRUSTED_PROXIES, List.of(), SettingSamples.NETWORKS),
        new SettingRow(
            Settings.SERVER_READ_TIMEOUT, Duration.ofSeconds(30), SettingSamples.TIMEOUT),
        new SettingRow(
            Settings.SERVER_WRITE_TIMEOUT, Duration.ofSeconds(30), SettingSamples.TIMEOUT),
        new SettingRow(Settings.SERVER_SHUTDOWN_DELAY, Duration.ZERO, SettingSamples.DELAY),
        new SettingRow(
            Settings.SERVER_SHUTDOWN_TIMEOUT, Duration.ofSeconds(30), SettingSamples.TIMEOUT),
        new SettingRow(Settings.SERVER_MAX_IN_FLIGHT, 1024, SettingSamples.COUNT),
        new SettingRow(Settings.SERVER_MAX_BODY_SIZE, 1_048_576, SettingSamples.COUNT),
        new SettingRow(Settings.SERVER_TLS_CERT, Optional.empty(), SettingSamples.OPTIONAL_PATH),
        new SettingRow(Settings.SERVER_TLS_KEY, Optional.empty(), SettingSamples.OPTIONAL_PATH),
        new SettingRow(Settings.AUTH_ENABLED, true, SettingSamples.FALSE),
        new SettingRow(Settings.AUTH_OIDC_ISSUER, Optional.empty(), SettingSamples.ISSUER),
        new SettingRow(Settings.AUTH_OIDC_AUDIENCE, Optional.empty(), SettingSamples.AUDIENCE),
        new SettingRow(Settings.AUTH_OIDC_SCOPES_CLAIM, "scope", SettingSamples.TEXT),
        new SettingRow(Settings.AUTH_OIDC_CLIENT_ID, Optional.empty(), SettingSamples.AUDIENCE),
        new SettingRow(
            Settings.AUTH_OIDC_CLIENT_SECRET, Optional.empty(), SettingSamples.OPTIONAL_SECRET),
        new SettingRow(
            Settings.DATABASE_MODE,
            DatabaseMode.EMBEDDED,
            SettingSamples.choice(
                DatabaseMode.EMBEDDED, DatabaseMode.EMBEDDED, "embedded, external")),
        new SettingRow(Settings.DATABASE_HOST, "localhost", SettingSamples.TEXT),
        new SettingRow(Settings.DATABASE_PORT, 5432, SettingSamples.PORT),
        new SettingRow(Settings.DATABASE_NAME, "agent_lab", SettingSamples.TEXT),
        new SettingRow(Settings.DATABASE_USER, "agent_lab", SettingSamples.TEXT),
        new SettingRow(Settings.DATABASE_PASSWORD, Secret.of(""), SettingSamples.SECRET),
        new SettingRow(
            Settings.DATABASE_SSLMODE,
            SslMode.PREFER,
            SettingSamples.choice(
                SslMode.DISABLE,
                SslMode.VERIFY_FULL,
                "disable, allow, prefer, require, verify-ca, verify-full")),
        new SettingRow(Settings.DATABASE_MAX_OPEN_CONNS, 25, SettingSamples.COUNT),
        new SettingRow(Settings.DATABASE_MAX_IDLE_CONNS, 5, SettingSamples.IDLE),
        new SettingRow(
            Settings.DATABASE_CONN_MAX_LIFETIME, Duration.ofMinutes(15), SettingSamples.LIFETIME),
        new SettingRow(
            Settings.DATABASE_CONN_TIMEOUT, Duration.ofSeconds(5), SettingSamples.TIMEOUT),
        new SettingRow(
            Settings.LOGGING_LEVEL,
            LogLevel.INFO,
            SettingSamples.choice(LogLevel.DEBUG, LogLevel.ERROR, "debug, info, warn, error")),
        new SettingRow(
            Settings.LOGGING_FORMAT,
            LogFormat.JSON,
            SettingSamples.choice(LogFormat.TEXT, LogFormat.TEXT, "text, json")),
        new SettingRow(Settings.CORS_ENABLED, false, SettingSamples.BOOLEAN),
        new SettingRow(Settings.CORS_ORIGINS, List.of(), SettingSamples.ORIGINS),
        new SettingRow(
            Settings.CORS_ALLOWED_METHODS,
            List.of("GET", "POST", "PUT", "DELETE", "OPTIONS"),
            SettingSamples.TOKENS),
        new SettingRow(
            Settings.CORS_ALLOWED_HEADERS,
            List.of("Content-Type", "Authorization"),
            SettingSamples.TOKENS),
        new SettingRow(Settings.CORS_ALLOW_CREDENTIALS, false, SettingSamples.BOOLEAN),
        new SettingRow(Settings.CORS_MAX_AGE, Duration.ofHours(1), SettingSamples.SECONDS),
        new SettingRow(Settings.PAGINATION_DEFAULT_PAGE_SIZE, 20, SettingSamples.PAGE_SIZE),
        new SettingRow(Settings.PAGINATION_MAX_PAGE_SIZE, 100, SettingSamples.COUNT),
        new SettingRow(Settings.EGRESS_LOOPBACK, LoopbackAccess.AUTO, SettingSamples.LOOPBACK),
        new SettingRow(Settings.EGRESS_PRIVATE_NETWORKS, List.of(), SettingSamples.NETWORKS),
        new SettingRow(
            Settings.UPSTREAM_CONNECT_TIMEOUT, Duration.ofSeconds(5), SettingSamples.TIMEOUT),
        new SettingRow(
            Settings.UPSTREAM_RESPONSE_TIMEOUT, Duration.ofSeconds(30), SettingSamples.TIMEOUT),
        new SettingRow(
            Settings.UPSTREAM_HEAD_TIMEOUT, Duration.ofMinutes(10), SettingSamples.TIMEOUT),
        new SettingRow(
            Settings.UPSTREAM_STREAM_IDLE_TIMEOUT, Duration.ofMinutes(5), SettingSamples.TIMEOUT),
        new SettingRow(
            Settings.UPSTREAM_STREAM_TIMEOUT, Duration.ofMinutes(60), SettingSamples.TIMEOUT),
        new SettingRow(Settings.UPSTREAM_PROXY, Optional.empty(), SettingSamples.PROXY),
        new SettingRow(Settings.UPSTREAM_HTTP_PROXY, Optional.empty(), SettingSamples.PROXY),
        new SettingRow(Settings.UPSTREAM_NO_PROXY, List.of(), SettingSamples.NO_PROXY),
        new SettingRow(Settings.UPSTREAM_CA_FILE, Optional.empty(), SettingSamples.OPTIONAL_PATH),
        new SettingRow(Settings.GATEWAY_MAX_BODY_SIZE, 33_554_432, SettingSamples.COUNT),
        new SettingRow(Settings.RESPONSES_RETENTION, Duration.ofHours(24), SettingSamples.LIFETIME),
        new SettingRow(Settings.RESPONSES_MAX_PER_CALLER, 10_000, SettingSamples.COUNT),
        new SettingRow(Settings.RESPONSES_MAX_BYTES_PER_CALLER, 268_435_456, SettingSamples.COUNT),
        new SettingRow(Settings.CALLS_RETENTION, Duration.ofDays(30), SettingSamples.RETENTION),
        new SettingRow(Settings.CALLS_JOURNAL_SIZE, 1 << 30, SettingSamples.SIZE),
        new SettingRow(
            Settings.CALLS_SESSION_HEADER, "Agent-Lab-Session", SettingSamples.HEADER_NAME),
        new SettingRow(Settings.CALLS_TAGS_HEADER, "Agent-Lab-Tags", SettingSamples.HEADER_NAME),
        new SettingRow(
            Settings.CALLS_END_USER_HEADER, "Agent-Lab-End-User", SettingSamples.HEADER_NAME),
        new SettingRow(Settings.SECRETS_KEY, Optional.empty(), SettingSamples.KEY),
        new SettingRow(Settings.SECRETS_PREVIOUS_KEYS, List.of(), SettingSamples.KEYS),
        new SettingRow(Settings.SECRETS_ENV, List.of(), SettingSamples.VARIABLES),
        new SettingRow(Settings.SECRETS_FOLDER, Optional.empty(), SettingSamples.PATH_OR_NONE));
  }
}
