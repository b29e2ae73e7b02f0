package dev.agentlab.server;

import dev.agentlab.audit.AuditChainWorker;
import dev.agentlab.audit.AuditReader;
import dev.agentlab.audit.AuditTrail;
import dev.agentlab.calls.CallJournal;
import dev.agentlab.calls.Calls;
import dev.agentlab.calls.JournalSender;
import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.http.Authenticators;
import dev.agentlab.jsonschema.SchemaValidator;
import dev.agentlab.keys.ApiKeyAuthenticator;
import dev.agentlab.keys.KeyHashes;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ProviderProbe;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.ModelCatalog;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.modelclient.routes.LabelHeaders;
import dev.agentlab.overview.RecentCalls;
import dev.agentlab.responses.RetentionLimits;
import dev.agentlab.secrets.KeyedHash;
import dev.agentlab.security.Authenticator;
import dev.agentlab.security.JwtVerifier;
import dev.agentlab.security.OidcAuthenticator;
import dev.agentlab.security.OidcClient;
import dev.agentlab.sessions.SessionAuthenticator;
import dev.agentlab.upstream.Resolver;
import dev.agentlab.upstream.UpstreamClient;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.vault.Vault;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/// The runtime components, one instance each for the lifetime of the process.
///
/// @param createdAt when they were created, which is the start of the program
record RuntimeComponents(
    Config config,
    Instant createdAt,
    Lifecycle lifecycle,
    PrometheusMeterRegistry metrics,
    EventLoops eventLoops,
    MemoryBudget memoryBudget,
    Database database,
    Vault vault,
    ChangeFeed changeFeed,
    AuditTrail auditTrail,
    AuditReader auditReader,
    AuditChainWorker auditChainWorker,
    ApiKeyAuthenticator apiKeyAuthenticator,
    SessionAuthenticator sessionAuthenticator,
    Optional<OidcClient> oidcClient,
    Authenticators authenticators,
    UpstreamClient upstreamClient,
    ProviderKinds providerKinds,
    ProviderProbe providerProbe,
    ModelCatalog modelCatalog,
    ModelClient modelClient,
    RecentCalls recentCalls,
    CallJournal callJournal,
    JournalSender callSender,
    Calls calls,
    LabelHeaders labelHeaders,
    SchemaValidator schemaValidator,
    PageLimits pageLimits,
    RetentionLimits retention,
    int gatewayMaxBodyBytes) {
  /// The name of the readiness check of the database.
  static final String DATABASE_CHECK = "database";

  /// Creates the components without starting them.
  static RuntimeComponents create(Config config) {
    MemoryBudget memory = ComponentSettings.memoryBudget();
    PrometheusMeterRegistry metrics = ProcessMetrics.createRegistry(memory);
    EventLoops eventLoops = new EventLoops();
    UpstreamClient upstream =
        new UpstreamClient(
            eventLoops,
            ComponentSettings.egressPolicy(config),
            Resolver.system(),
            config.get(Settings.UPSTREAM_CONNECT_TIMEOUT),
            memory,
            ComponentSettings.proxies(config),
            ComponentSettings.authorities(config));
    UpstreamLimits limits = ComponentSettings.upstreamLimits(config);
    Database database = new Database(ComponentSettings.database(config), metrics);
    Vault vault =
        new Vault(
            ComponentSettings.keyEncryptionKeys(config),
            database,
            config.get(Settings.SERVER_PORT));
    ChangeFeed changes = new ChangeFeed(database);
    AuditChainWorker chainWorker = new AuditChainWorker(database, auditKey(vault));
    ApiKeyAuthenticator apiKeyAuthenticator =
        ApiKeyAuthenticator.of(
            database, changes, Features.SCOPES, KeyHashes.of(vault), InstantSource.system());
    RecentCalls recentCalls = new RecentCalls(InstantSource.system());
    CallJournal callJournal = ComponentSettings.callJournal(config, metrics);
    Calls calls = Calls.of(database, config.get(Settings.CALLS_RETENTION), InstantSource.system());
    AuditTrail auditTrail = AuditTrail.of(auditKey(vault), chainWorker);
    Optional<JwtVerifier> tokenSignatures =
        config
            .get(Settings.AUTH_OIDC_ISSUER)
            .map(issuer -> new JwtVerifier(issuer, upstream, InstantSource.system()));
    Optional<OidcClient> oidcClient =
        tokenSignatures.flatMap(signatures ->
            ComponentSettings.oidcClient(config)
                .map(it ->
                    new OidcClient(
                        it, Features.SCOPES, signatures, upstream, InstantSource.system())));
    SessionAuthenticator sessionAuthenticator =
        SessionAuthenticator.of(
            database,
            changes,
            Features.SCOPES,
            vault,
            apiKeyAuthenticator,
            oidcClient,
            auditTrail,
            InstantSource.system());
    return new RuntimeComponents(
        config,
        Instant.now(),
        new Lifecycle(),
        metrics,
        eventLoops,
        memory,
        database,
        vault,
        changes,
        auditTrail,
        new AuditReader(
            database, auditKey(vault), ComponentSettings.pageLimits(config), chainWorker),
        chainWorker,
        apiKeyAuthenticator,
        sessionAuthenticator,
        oidcClient,
        authenticators(config, apiKeyAuthenticator, sessionAuthenticator, tokenSignatures),
        upstream,
        ProviderKinds.standard(ComponentSettings.secretReferenceResolver(config)),
        new ProviderProbe(upstream, limits),
        new ModelCatalog(upstream, limits),
        new ModelClient(
            upstream,
            ComponentSettings.modelClient(config),
            InstantSource.system(),
            memory,
            metrics,
            callJournal,
            recentCalls),
        recentCalls,
        callJournal,
        new JournalSender(callJournal, calls, metrics),
        calls,
        ComponentSettings.labelHeaders(config),
        new SchemaValidator(),
        ComponentSettings.pageLimits(config),
        ComponentSettings.retention(config),
        config.get(Settings.GATEWAY_MAX_BODY_SIZE));
  }

  private static Authenticators authenticators(
      Config config,
      ApiKeyAuthenticator apiKeyAuthenticator,
      SessionAuthenticator sessionAuthenticator,
      Optional<JwtVerifier> tokenSignatures) {
    if (!config.get(Settings.AUTH_ENABLED)) {
      return new Authenticators(
          Authenticator.disabled(Features.SCOPES.allGrants()), Optional.empty());
    }
    Authenticator headers =
        tokenSignatures
            .flatMap(signatures ->
                ComponentSettings.oidc(config)
                    .map(it ->
                        new OidcAuthenticator(
                            it, Features.SCOPES, signatures, InstantSource.system())))
            .<Authenticator>map(oidc -> new CompositeAuthenticator(apiKeyAuthenticator, oidc))
            .orElse(apiKeyAuthenticator);
    return new Authenticators(headers, Optional.of(sessionAuthenticator));
  }

  /// The key of the hashes in the audit trail.
  static KeyedHash auditKey(Vault vault) {
    return vault.keyedHash("audit");
  }

  /// Registers the startup and stop tasks and the readiness checks. The last registered stops
  /// first.
  void register() {
    lifecycle.onShutdown("call journal", callJournal::close);
    lifecycle.onShutdown("event loops", eventLoops::stop);
    lifecycle.onStartup("database", database::start);
    lifecycle.onShutdown("database", database::stop);
    lifecycle.addReadinessCheck(DATABASE_CHECK, database::unreadyReason);
    lifecycle.onStartup("encryption of secrets", "database", vault::start);
    lifecycle.onStartup("replica heartbeat", "encryption of secrets", vault.heartbeat()::start);
    lifecycle.onShutdown("replica heartbeat", vault.heartbeat()::stop);
    lifecycle.addReadinessCheck("stored secrets", vault.heartbeat()::unreadyReason);
    lifecycle.onStartup("call journal", "database", callJournal::open);
    lifecycle.addReadinessCheck("call journal", callJournal::unreadyReason);
    lifecycle.onStartup("call sender", "call journal", callSender::start);
    lifecycle.onShutdown("call sender", callSender::stop);
    lifecycle.onStartup("changes", changeFeed::start);
    lifecycle.onShutdown("changes", changeFeed::stop);
    lifecycle.onShutdown("upstream client", upstreamClient::stop);
  }
}
