package dev.agentlab.server;

import dev.agentlab.config.Config;
import dev.agentlab.config.CorsConfig;
import dev.agentlab.config.DatabaseConfig;
import dev.agentlab.config.SecretsConfig;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.Dsn;
import dev.agentlab.http.Cors;
import dev.agentlab.http.HttpSettings;
import dev.agentlab.http.TlsFiles;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.ModelClientSettings;
import dev.agentlab.net.Cidr;
import dev.agentlab.secrets.SecretSources;
import dev.agentlab.security.OidcSettings;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.vault.KeyEncryptionKeySource;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// What each part of the toolkit wants to know, out of the one configuration.
final class ComponentSettings {
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(75);

  /// Shorter than the silence after which proxies cut a connection, often 30 seconds.
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  /// A list of models is far smaller. Read as a tree, a hostile answer takes some thirty times its
  /// size.
  private static final int MAX_ANSWER_BYTES = 2 << 20;

  /// Shorter than [#HEARTBEAT]: the caller of a stream hears something before that is due.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// Of one whole answer of a model, such as the vectors of many texts; less where memory is short.
  private static final int MAX_RELAYED_BYTES = 64 << 20;

  private ComponentSettings() {}

  static HttpSettings http(Config config) {
    return new HttpSettings(
        config.server().host(),
        config.server().port(),
        config.server().allowedHosts(),
        config.server().trustedProxies().stream().map(Cidr::parse).toList(),
        config.server().readTimeout(),
        config.server().writeTimeout(),
        KEEP_ALIVE,
        HEARTBEAT,
        config.server().maxBodySize(),
        config.server().maxInFlight(),
        config.server().tls().map(tls -> new TlsFiles(tls.certificate(), tls.key())),
        Optional.of(config.cors()).filter(CorsConfig::enabled).map(ComponentSettings::cors));
  }

  private static Cors cors(CorsConfig config) {
    return new Cors(
        Set.copyOf(config.origins()),
        config.allowedMethods(),
        config.allowedHeaders(),
        config.allowCredentials(),
        config.maxAge());
  }

  static DatabaseSettings database(Config config) {
    DatabaseConfig database = config.database();
    return new DatabaseSettings(
        switch (database.mode()) {
          case EMBEDDED -> new DatabaseSettings.Embedded(config.dataDir());
          case EXTERNAL -> new DatabaseSettings.External(Dsn.of(database));
        },
        new DatabaseSettings.Pool(
            database.maxOpenConns(),
            database.maxIdleConns(),
            database.connMaxLifetime(),
            database.connTimeout()));
  }

  static KeyEncryptionKeySource keys(Config config) {
    SecretsConfig secrets = config.secrets();
    return secrets
        .key()
        .<KeyEncryptionKeySource>map(
            key -> new KeyEncryptionKeySource.Given(key, secrets.previousKeys()))
        .orElseGet(() -> new KeyEncryptionKeySource.InFile(config.dataDir().resolve("master.key")));
  }

  static SecretSources secretSources(Config config) {
    SecretsConfig secrets = config.secrets();
    return new SecretSources(secrets.env(), secrets.environment(), secrets.folder());
  }

  static EgressPolicy egress(Config config) {
    return new EgressPolicy(
        config.egress().loopback(),
        config.egress().privateNetworks().stream().map(Cidr::parse).toList());
  }

  static UpstreamLimits upstream(Config config) {
    Duration connect = config.upstream().connectTimeout();
    Duration response = config.upstream().responseTimeout();
    return new UpstreamLimits(connect, connect, response, response, response, MAX_ANSWER_BYTES);
  }

  static Optional<OidcSettings> oidc(Config config) {
    return config
        .oidc()
        .map(oidc -> new OidcSettings(oidc.issuer(), oidc.audience(), oidc.scopesClaim()));
  }

  static ModelClientSettings relay(Config config) {
    return new ModelClientSettings(
        config.upstream().connectTimeout(),
        config.upstream().streamIdleTimeout(),
        config.upstream().streamTimeout(),
        PATIENCE,
        (int) Math.min(MAX_RELAYED_BYTES, Runtime.getRuntime().maxMemory() / 8));
  }

  /// Half of the heap. The rest is for what the service keeps in any case, and for the garbage
  /// between two collections.
  static MemoryBudget memory() {
    return new MemoryBudget(Runtime.getRuntime().maxMemory() / 2);
  }

  static PageLimits pages(Config config) {
    return new PageLimits(config.pagination().defaultPageSize(), config.pagination().maxPageSize());
  }
}
