package dev.agentlab.server;

import dev.agentlab.backup.PostgresUpgrade;
import dev.agentlab.calls.CallJournal;
import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.Dsn;
import dev.agentlab.http.CorsPolicy;
import dev.agentlab.http.HttpSettings;
import dev.agentlab.http.TlsFiles;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.ModelClientSettings;
import dev.agentlab.modelclient.routes.LabelHeaders;
import dev.agentlab.proxy.ProxySettings;
import dev.agentlab.responses.RetentionLimits;
import dev.agentlab.secrets.SecretReferenceResolver;
import dev.agentlab.security.OidcClientSettings;
import dev.agentlab.security.OidcSettings;
import dev.agentlab.upstream.CertificateAuthorities;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.vault.KeyEncryptionKeySource;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/// Maps the service's configuration to the settings of each component.
final class ComponentSettings {
  private static final Duration KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(75);

  /// Shorter than the idle timeout of proxies, often 30 seconds.
  private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(15);

  /// Far above the size of a list of models. Parsed as a tree, a malicious response takes about
  /// thirty times its size in memory.
  private static final int MAX_RESPONSE_BYTES = 2 << 20;

  /// Shorter than [#HEARTBEAT_INTERVAL], so that the response of a stream starts before the first
  /// heartbeat.
  private static final Duration MAX_RESPONSE_START_DELAY = Duration.ofSeconds(10);

  /// The maximum size of a non-streaming response of a model, such as the embeddings of many texts;
  /// at most an eighth of the heap.
  private static final int MAX_MODEL_RESPONSE_BYTES = 64 << 20;

  private ComponentSettings() {}

  static HttpSettings http(Config config) {
    return new HttpSettings(
        config.get(Settings.SERVER_HOST),
        config.get(Settings.SERVER_PORT),
        config.get(Settings.SERVER_ALLOWED_HOSTS),
        config.get(Settings.SERVER_TRUSTED_PROXIES),
        config.get(Settings.SERVER_READ_TIMEOUT),
        config.get(Settings.SERVER_WRITE_TIMEOUT),
        KEEP_ALIVE_TIMEOUT,
        HEARTBEAT_INTERVAL,
        config.get(Settings.SERVER_MAX_BODY_SIZE),
        config.get(Settings.SERVER_MAX_IN_FLIGHT),
        both(
            config.get(Settings.SERVER_TLS_CERT),
            config.get(Settings.SERVER_TLS_KEY),
            TlsFiles::new),
        cors(config),
        config.get(Settings.SERVER_PUBLIC_URL));
  }

  private static Optional<CorsPolicy> cors(Config config) {
    return config.get(Settings.CORS_ENABLED)
        ? Optional.of(
            new CorsPolicy(
                Set.copyOf(config.get(Settings.CORS_ORIGINS)),
                config.get(Settings.CORS_ALLOWED_METHODS),
                config.get(Settings.CORS_ALLOWED_HEADERS),
                config.get(Settings.CORS_ALLOW_CREDENTIALS),
                config.get(Settings.CORS_MAX_AGE)))
        : Optional.empty();
  }

  static LabelHeaders labelHeaders(Config config) {
    return new LabelHeaders(
        config.get(Settings.CALLS_SESSION_HEADER),
        config.get(Settings.CALLS_TAGS_HEADER),
        config.get(Settings.CALLS_END_USER_HEADER));
  }

  static CallJournal callJournal(Config config, MeterRegistry metrics) {
    return new CallJournal(
        config.get(Settings.DATA_DIR).resolve("calls"),
        config.get(Settings.CALLS_JOURNAL_SIZE),
        metrics);
  }

  static RetentionLimits retention(Config config) {
    return new RetentionLimits(
        config.get(Settings.RESPONSES_RETENTION),
        config.get(Settings.RESPONSES_MAX_PER_CALLER),
        config.get(Settings.RESPONSES_MAX_BYTES_PER_CALLER));
  }

  static DatabaseSettings database(Config config) {
    return new DatabaseSettings(
        switch (config.get(Settings.DATABASE_MODE)) {
          case EMBEDDED ->
              new DatabaseSettings.Embedded(config.get(Settings.DATA_DIR), PostgresUpgrade::copy);
          case EXTERNAL -> new DatabaseSettings.External(Dsn.of(config));
        },
        new DatabaseSettings.Pool(
            config.get(Settings.DATABASE_MAX_OPEN_CONNS),
            config.get(Settings.DATABASE_MAX_IDLE_CONNS),
            config.get(Settings.DATABASE_CONN_MAX_LIFETIME),
            config.get(Settings.DATABASE_CONN_TIMEOUT)));
  }

  static KeyEncryptionKeySource keyEncryptionKeys(Config config) {
    return config
        .get(Settings.SECRETS_KEY)
        .<KeyEncryptionKeySource>map(key ->
            new KeyEncryptionKeySource.Configured(key, config.get(Settings.SECRETS_PREVIOUS_KEYS)))
        .orElseGet(() ->
            new KeyEncryptionKeySource.KeyFile(
                config.get(Settings.DATA_DIR).resolve("master.key")));
  }

  static SecretReferenceResolver secretReferenceResolver(Config config) {
    return new SecretReferenceResolver(
        config.get(Settings.SECRETS_ENV),
        config.secretVariables(),
        config.get(Settings.SECRETS_FOLDER));
  }

  static EgressPolicy egressPolicy(Config config) {
    return new EgressPolicy(
        config.isLoopbackAllowed(), config.get(Settings.EGRESS_PRIVATE_NETWORKS));
  }

  static ProxySettings proxies(Config config) {
    return new ProxySettings(
        config.get(Settings.UPSTREAM_PROXY),
        config.get(Settings.UPSTREAM_HTTP_PROXY),
        config.get(Settings.UPSTREAM_NO_PROXY));
  }

  /// Reads the file of additional certificate authorities, if there is one.
  ///
  /// @throws dev.agentlab.config.ConfigException if the file cannot be read
  static CertificateAuthorities authorities(Config config) {
    return config
        .get(Settings.UPSTREAM_CA_FILE)
        .map(file -> {
          try {
            return CertificateAuthorities.parsePem(Files.readString(file));
          } catch (IllegalArgumentException e) {
            throw config.rejection(Settings.UPSTREAM_CA_FILE, String.valueOf(e.getMessage()));
          } catch (IOException e) {
            throw config.rejection(Settings.UPSTREAM_CA_FILE, "must be a readable text file");
          }
        })
        .orElse(CertificateAuthorities.NONE);
  }

  static UpstreamLimits upstreamLimits(Config config) {
    Duration connect = config.get(Settings.UPSTREAM_CONNECT_TIMEOUT);
    Duration response = config.get(Settings.UPSTREAM_RESPONSE_TIMEOUT);
    return new UpstreamLimits(connect, connect, response, response, response, MAX_RESPONSE_BYTES);
  }

  static Optional<OidcSettings> oidc(Config config) {
    return both(
        config.get(Settings.AUTH_OIDC_ISSUER),
        config.get(Settings.AUTH_OIDC_AUDIENCE),
        (issuer, audience) ->
            new OidcSettings(issuer, audience, config.get(Settings.AUTH_OIDC_SCOPES_CLAIM)));
  }

  /// The registration at the identity provider; empty if it signs no users in.
  static Optional<OidcClientSettings> oidcClient(Config config) {
    return both(
        config.get(Settings.AUTH_OIDC_ISSUER),
        config.get(Settings.AUTH_OIDC_CLIENT_ID),
        (issuer, clientId) ->
            new OidcClientSettings(
                issuer,
                config.get(Settings.AUTH_OIDC_SCOPES_CLAIM),
                clientId,
                config.get(Settings.AUTH_OIDC_CLIENT_SECRET)));
  }

  static ModelClientSettings modelClient(Config config) {
    return new ModelClientSettings(
        config.get(Settings.UPSTREAM_CONNECT_TIMEOUT),
        config.get(Settings.UPSTREAM_HEAD_TIMEOUT),
        config.get(Settings.UPSTREAM_STREAM_IDLE_TIMEOUT),
        config.get(Settings.UPSTREAM_STREAM_TIMEOUT),
        MAX_RESPONSE_START_DELAY,
        (int) Math.min(MAX_MODEL_RESPONSE_BYTES, Runtime.getRuntime().maxMemory() / 8));
  }

  /// Combines two settings that are either both set or both empty.
  private static <A, B, T> Optional<T> both(
      Optional<A> first, Optional<B> second, BiFunction<A, B, T> combiner) {
    return first.flatMap(a -> second.map(b -> combiner.apply(a, b)));
  }

  /// Half of the heap. The rest is for the service's own data and for garbage between two
  /// collections.
  static MemoryBudget memoryBudget() {
    return new MemoryBudget(Runtime.getRuntime().maxMemory() / 2);
  }

  static PageLimits pageLimits(Config config) {
    return new PageLimits(
        config.get(Settings.PAGINATION_DEFAULT_PAGE_SIZE),
        config.get(Settings.PAGINATION_MAX_PAGE_SIZE));
  }
}
