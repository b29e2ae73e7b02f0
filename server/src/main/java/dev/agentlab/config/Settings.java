package dev.agentlab.config;

import dev.agentlab.logging.LogFormat;
import dev.agentlab.logging.LogLevel;
import dev.agentlab.net.Cidr;
import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.NoProxyRule;
import dev.agentlab.secrets.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The settings of the service. Reading, validation, `agent-lab config`, `docs/configuration.md`
/// and the tests of each setting follow from these declarations.
public final class Settings {
  /// The variable that names the overlay file; not a setting of a file.
  static final String OVERLAY = "SERVICE_ENV";

  /// The variable that describes an external database as one URI; not a setting of a file.
  static final String DATABASE_DSN = "DATABASE_DSN";

  private static final List<Setting<?>> DECLARED = new ArrayList<>();

  public static final Setting<Duration> SHUTDOWN_TIMEOUT =
      declare(
          "shutdown_timeout",
          SettingType.timeout(),
          "30s",
          "How long the whole service may take to stop.");
  public static final Setting<Path> DATA_DIR =
      declare(
          "data_dir", SettingType.path(), "data", "The only folder that the service writes to.");

  public static final Setting<String> SERVER_HOST =
      declare(
          "server.host",
          SettingType.text(),
          "0.0.0.0",
          "The address to listen on. The shipped file sets 127.0.0.1, because without TLS API keys"
              + " can be read on the network.");
  public static final Setting<Integer> SERVER_PORT =
      declare("server.port", SettingType.integer(1, 65535), "8080", "The port to listen on.");
  public static final Setting<List<String>> SERVER_ALLOWED_HOSTS =
      declare(
          "server.allowed_hosts",
          SettingType.hosts(),
          "",
          "The host names that requests may be sent to. IP addresses and localhost are always"
              + " allowed. A request for another name is rejected with status 421, which prevents"
              + " DNS rebinding. \"*\" allows any name.");
  public static final Setting<Optional<String>> SERVER_PUBLIC_URL =
      declare(
          "server.public_url",
          SettingType.optional(SettingType.origin()),
          "",
          "Where browsers reach the service, for links and redirects. Requests may be sent to its"
              + " host, and with https the session cookie is sent over encrypted connections only."
              + " The default is the address that each request names.");
  public static final Setting<List<Cidr>> SERVER_TRUSTED_PROXIES =
      declare(
          "server.trusted_proxies",
          SettingType.networks(),
          "",
          "The networks of the proxies in front of the service, such as [\"10.1.0.0/16\"]. Their"
              + " Forwarded and X-Forwarded-For headers give the caller's address in the log and in"
              + " the audit trail.");
  public static final Setting<Duration> SERVER_READ_TIMEOUT =
      declare(
          "server.read_timeout",
          SettingType.timeout(),
          "30s",
          "How long a request may take to arrive.");
  public static final Setting<Duration> SERVER_WRITE_TIMEOUT =
      declare(
          "server.write_timeout",
          SettingType.timeout(),
          "30s",
          "How long a response may make no progress. A stream that makes progress is never cut.");
  public static final Setting<Duration> SERVER_SHUTDOWN_DELAY =
      declare(
          "server.shutdown_delay",
          SettingType.duration(Duration.ZERO, Duration.ofHours(24)),
          "0",
          "How long the service still accepts requests after a stop signal. It is not ready in that"
              + " time, so that load balancers send requests elsewhere. In addition to"
              + " shutdown_timeout.");
  public static final Setting<Duration> SERVER_SHUTDOWN_TIMEOUT =
      declare(
          "server.shutdown_timeout",
          SettingType.timeout(),
          "30s",
          "How long requests in flight may continue after the service begins to stop.");
  public static final Setting<Integer> SERVER_MAX_IN_FLIGHT =
      declare(
          "server.max_in_flight",
          SettingType.integer(1),
          "1024",
          "How many requests are handled at the same time.");
  public static final Setting<Integer> SERVER_MAX_BODY_SIZE =
      declare(
          "server.max_body_size",
          SettingType.integer(1),
          "1048576",
          "The size limit of a request body in bytes. Agent runs take up to 16777216 bytes in any case,"
              + " and forms with images up to 33554432.");
  public static final Setting<Optional<Path>> SERVER_TLS_CERT =
      declare(
          "server.tls_cert",
          SettingType.optional(SettingType.path()),
          "",
          "The TLS certificate in PEM: the server's own certificate first, then the intermediate"
              + " ones. Needs server.tls_key. Changed files are loaded within a minute.");
  public static final Setting<Optional<Path>> SERVER_TLS_KEY =
      declare(
          "server.tls_key",
          SettingType.optional(SettingType.path()),
          "",
          "The private key of server.tls_cert in PEM, not encrypted.");

  public static final Setting<Boolean> AUTH_ENABLED =
      declare(
          "auth.enabled",
          SettingType.bool(),
          "true",
          "Whether requests need a credential. Without authentication every caller may do"
              + " everything, so the service then starts only on a loopback address.");
  public static final Setting<Optional<String>> AUTH_OIDC_ISSUER =
      declare(
          "auth.oidc_issuer",
          SettingType.optional(SettingType.issuer()),
          "",
          "The issuer of an OpenID Connect provider whose bearer tokens are accepted beside API"
              + " keys, exactly as in its tokens. Needs auth.oidc_audience.");
  public static final Setting<Optional<String>> AUTH_OIDC_AUDIENCE =
      declare(
          "auth.oidc_audience",
          SettingType.optional(SettingType.text()),
          "",
          "The audience that tokens must name. Needs auth.oidc_issuer.");
  public static final Setting<String> AUTH_OIDC_SCOPES_CLAIM =
      declare(
          "auth.oidc_scopes_claim",
          SettingType.text(),
          "scope",
          "The claim of a token that lists scopes such as \"agents:read\".");

  public static final Setting<Optional<String>> AUTH_OIDC_CLIENT_ID =
      declare(
          "auth.oidc_client_id",
          SettingType.optional(SettingType.text()),
          "",
          "The client id of the service at the identity provider, with which users sign in to the web"
              + " console there. The redirect URI is server.public_url followed by"
              + " /api/sign-in/oidc/callback. Needs auth.oidc_issuer.");
  public static final Setting<Optional<Secret>> AUTH_OIDC_CLIENT_SECRET =
      declare(
          "auth.oidc_client_secret",
          SettingType.optional(SettingType.secret()),
          "",
          "The secret of that client; none for a public client. Needs auth.oidc_client_id.");

  // The mode depends on the host, and the defaults of host, name, user and password on the mode.
  public static final Setting<DatabaseMode> DATABASE_MODE =
      declare(
          "database.mode",
          SettingType.choice(DatabaseMode.class),
          "\"embedded\": the service runs its own PostgreSQL in the data folder; \"external\": it"
              + " uses the server below. The default is external if database.host is set, else"
              + " embedded.");
  public static final Setting<String> DATABASE_HOST =
      declare(
          "database.host",
          SettingType.text(),
          "The host of the external server; localhost by default.");
  public static final Setting<Integer> DATABASE_PORT =
      declare(
          "database.port",
          SettingType.integer(1, 65535),
          "5432",
          "The port of the external server.");
  public static final Setting<String> DATABASE_NAME =
      declare(
          "database.name",
          SettingType.text(),
          "The database of the external server. Required for an external server.");
  public static final Setting<String> DATABASE_USER =
      declare(
          "database.user",
          SettingType.text(),
          "The user of the external server. Required for an external server.");
  public static final Setting<Secret> DATABASE_PASSWORD =
      declare(
          "database.password",
          SettingType.secret(),
          "The user's password. Required for an external server.");
  public static final Setting<SslMode> DATABASE_SSLMODE =
      declare(
          "database.sslmode",
          SettingType.choice(SslMode.class),
          "prefer",
          "Encryption and certificate checks, as in libpq.");
  public static final Setting<Integer> DATABASE_MAX_OPEN_CONNS =
      declare("database.max_open_conns", SettingType.integer(1), "25", "Connections in the pool.");
  public static final Setting<Integer> DATABASE_MAX_IDLE_CONNS =
      declare(
          "database.max_idle_conns",
          SettingType.integer(0),
          "5",
          "Idle connections kept in the pool, at most database.max_open_conns.");
  public static final Setting<Duration> DATABASE_CONN_MAX_LIFETIME =
      declare(
          "database.conn_max_lifetime",
          SettingType.duration(Duration.ZERO, Duration.ofDays(365)),
          "15m",
          "The age at which a connection is replaced; \"0\" for never.");
  public static final Setting<Duration> DATABASE_CONN_TIMEOUT =
      declare(
          "database.conn_timeout",
          SettingType.timeout(),
          "5s",
          "How long opening a connection, or waiting for a free one, may take, up to 2s and 1s.");

  public static final Setting<LogLevel> LOGGING_LEVEL =
      declare(
          "logging.level",
          SettingType.choice(LogLevel.class),
          "info",
          "The least severe level that is logged.");
  public static final Setting<LogFormat> LOGGING_FORMAT =
      declare(
          "logging.format",
          SettingType.choice(LogFormat.class),
          "json",
          "\"text\" for people, \"json\" for programs.");

  public static final Setting<Boolean> CORS_ENABLED =
      declare(
          "cors.enabled",
          SettingType.bool(),
          "false",
          "Whether pages of other origins may call the service.");
  public static final Setting<List<String>> CORS_ORIGINS =
      declare(
          "cors.origins",
          SettingType.origins(),
          "",
          "The allowed origins, matched exactly, such as [\"https://lab.example.org\"].");
  public static final Setting<List<String>> CORS_ALLOWED_METHODS =
      declare(
          "cors.allowed_methods",
          SettingType.tokens(),
          "GET, POST, PUT, DELETE, OPTIONS",
          "The methods that cross-origin requests may use.");
  public static final Setting<List<String>> CORS_ALLOWED_HEADERS =
      declare(
          "cors.allowed_headers",
          SettingType.tokens(),
          "Content-Type, Authorization",
          "The headers that cross-origin requests may send.");
  public static final Setting<Boolean> CORS_ALLOW_CREDENTIALS =
      declare(
          "cors.allow_credentials",
          SettingType.bool(),
          "false",
          "Whether cross-origin requests may carry cookies.");
  public static final Setting<Duration> CORS_MAX_AGE =
      declare(
          "cors.max_age",
          SettingType.seconds(),
          "3600",
          "How many seconds a browser may cache the response to a preflight request.");

  public static final Setting<Integer> PAGINATION_DEFAULT_PAGE_SIZE =
      declare(
          "pagination.default_page_size",
          SettingType.integer(1),
          "20",
          "Rows on a page if the request names no size, at most pagination.max_page_size.");
  public static final Setting<Integer> PAGINATION_MAX_PAGE_SIZE =
      declare(
          "pagination.max_page_size", SettingType.integer(1), "100", "The most rows on a page.");

  public static final Setting<LoopbackAccess> EGRESS_LOOPBACK =
      declare(
          "egress.loopback",
          SettingType.choice(LoopbackAccess.class),
          "auto",
          "Whether providers may be called on this machine's loopback addresses, where Ollama often"
              + " runs. \"auto\" allows it only if the service listens on a loopback address,"
              + " server.allowed_hosts is empty, and server.public_url is empty or on a loopback"
              + " address, so that remote callers do not reach local ports.");
  public static final Setting<List<Cidr>> EGRESS_PRIVATE_NETWORKS =
      declare(
          "egress.private_networks",
          SettingType.networks(),
          "",
          "The private networks in which providers may be called, such as [\"192.168.1.0/24\"] or"
              + " [\"fd00::/8\"].");

  public static final Setting<Duration> UPSTREAM_CONNECT_TIMEOUT =
      declare(
          "upstream.connect_timeout",
          SettingType.timeout(),
          "5s",
          "How long connecting to a provider may take.");
  public static final Setting<Duration> UPSTREAM_RESPONSE_TIMEOUT =
      declare(
          "upstream.response_timeout",
          SettingType.timeout(),
          "30s",
          "How long a provider may take to list its models. Agent runs have the limits of the"
              + " agent's client section.");
  public static final Setting<Duration> UPSTREAM_HEAD_TIMEOUT =
      declare(
          "upstream.head_timeout",
          SettingType.timeout(),
          "10m",
          "How long a provider may take until its response begins. A shorter timeout in the agent's"
              + " client section applies as well, here and for non-streaming responses.");
  public static final Setting<Duration> UPSTREAM_STREAM_IDLE_TIMEOUT =
      declare(
          "upstream.stream_idle_timeout",
          SettingType.timeout(),
          "5m",
          "How long a provider's stream may be silent.");
  public static final Setting<Duration> UPSTREAM_STREAM_TIMEOUT =
      declare(
          "upstream.stream_timeout",
          SettingType.timeout(),
          "60m",
          "How long a provider's response may take in all, streaming or not.");
  // The defaults are the variables that other programs use too.
  public static final Setting<Optional<HttpProxy>> UPSTREAM_PROXY =
      declare(
          "upstream.proxy",
          SettingType.proxy(),
          "The proxy for calls to providers and to the issuer of auth.oidc_issuer, with credentials"
              + " as in http://user:password@proxy.example.com:3128. The default is the variable"
              + " HTTPS_PROXY or https_proxy. A provider can have its own.");
  public static final Setting<Optional<HttpProxy>> UPSTREAM_HTTP_PROXY =
      declare(
          "upstream.http_proxy",
          SettingType.proxy(),
          "The proxy for those calls by http rather than https. The default is upstream.proxy if it"
              + " is set, else the variable HTTP_PROXY or http_proxy.");
  public static final Setting<List<NoProxyRule>> UPSTREAM_NO_PROXY =
      declare(
          "upstream.no_proxy",
          SettingType.noProxy(),
          "The hosts that are called without these proxies: example.com stands for itself and its"
              + " subdomains, .example.com only for these. Hosts of this machine are always called"
              + " directly. The default is the variable NO_PROXY or no_proxy.");
  public static final Setting<Optional<Path>> UPSTREAM_CA_FILE =
      declare(
          "upstream.ca_file",
          SettingType.optional(SettingType.path()),
          "",
          "A file with certificates of authorities, in PEM, that are trusted in those calls beside"
              + " the authorities of the Java runtime. Read at the start.");

  public static final Setting<Integer> GATEWAY_MAX_BODY_SIZE =
      declare(
          "gateway.max_body_size",
          SettingType.integer(1),
          "33554432",
          "The size limit, in bytes, of a request body for the APIs of model vendors, such as"
              + " /v1/chat/completions. Requests to /proxy, which are never in memory as a whole,"
              + " have no limit, unless the provider's credential signs them.");

  public static final Setting<Duration> RESPONSES_RETENTION =
      declare(
          "responses.retention",
          SettingType.duration(Duration.ZERO, Duration.ofDays(365)),
          "24h",
          "How long responses of /v1/responses are kept, encrypted, for requests that refer to them,"
              + " unless the provider keeps them; \"0\" to keep none.");
  public static final Setting<Integer> RESPONSES_MAX_PER_CALLER =
      declare(
          "responses.max_per_caller",
          SettingType.integer(1),
          "10000",
          "How many responses of one caller are kept. The oldest are deleted first.");
  public static final Setting<Integer> RESPONSES_MAX_BYTES_PER_CALLER =
      declare(
          "responses.max_bytes_per_caller",
          SettingType.integer(1),
          "268435456",
          "The size limit, in bytes, of the kept responses of one caller. The oldest are deleted"
              + " first.");

  public static final Setting<Duration> CALLS_RETENTION =
      declare(
          "calls.retention",
          SettingType.duration(Duration.ofDays(1), Duration.ofDays(3650)),
          "720h",
          "How long the records of model calls are kept, in whole days of UTC; 720h are 30 days.");
  public static final Setting<Integer> CALLS_JOURNAL_SIZE =
      declare(
          "calls.journal_size",
          SettingType.integer(1 << 20),
          "1073741824",
          "The size, in bytes, of the records in the data folder that are not in the database yet,"
              + " at which new model calls are rejected with status 503.");
  public static final Setting<String> CALLS_SESSION_HEADER =
      declare(
          "calls.session_header",
          SettingType.token(),
          "Agent-Lab-Session",
          "The request header that names the session of a model call.");
  public static final Setting<String> CALLS_TAGS_HEADER =
      declare(
          "calls.tags_header",
          SettingType.token(),
          "Agent-Lab-Tags",
          "The request header with the tags of a model call, such as"
              + " team=research,job=nightly%20run.");
  public static final Setting<String> CALLS_END_USER_HEADER =
      declare(
          "calls.end_user_header",
          SettingType.token(),
          "Agent-Lab-End-User",
          "The request header that names the person for whom a model call is made. It is ignored"
              + " without the scope on_behalf_of.");

  public static final Setting<Optional<Secret>> SECRETS_KEY =
      declare(
          "secrets.key",
          SettingType.optional(SettingType.key()),
          "",
          "The key-encryption key of stored secrets: 32 bytes in base64, as `openssl rand -base64"
              + " 32` prints them. Without one, the service creates master.key in the data folder at"
              + " its first start: back that file up, apart from the database. Replicas on one"
              + " database need the same key.");
  public static final Setting<List<Secret>> SECRETS_PREVIOUS_KEYS =
      declare(
          "secrets.previous_keys",
          SettingType.keys(),
          "",
          "The key-encryption keys that secrets.key replaces; `agent-lab secrets rotate` says when"
              + " they can be removed.");
  public static final Setting<List<String>> SECRETS_ENV =
      declare(
          "secrets.env",
          SettingType.variables(),
          "",
          "The environment variables that a provider may reference instead of a secret, as {\"env\":"
              + " \"OPENAI_API_KEY\"}. A caller who may write providers can send their values"
              + " anywhere.");
  public static final Setting<Optional<Path>> SECRETS_FOLDER =
      declare(
          "secrets.folder",
          SettingType.optional(SettingType.path()),
          "",
          "The folder of the files that a provider may reference instead of a secret, as {\"file\":"
              + " \"openai.key\"}. The same warning applies to them.");

  /// All settings, in the order of their declaration.
  public static final List<Setting<?>> ALL = List.copyOf(DECLARED);

  private Settings() {}

  private static <T> Setting<T> declare(
      String key, SettingType<T> type, String defaultValue, String description) {
    return add(new Setting<>(key, type, Optional.of(defaultValue), description));
  }

  /// A setting whose default depends on other settings.
  private static <T> Setting<T> declare(String key, SettingType<T> type, String description) {
    return add(new Setting<>(key, type, Optional.empty(), description));
  }

  private static <T> Setting<T> add(Setting<T> setting) {
    DECLARED.add(setting);
    return setting;
  }
}
