package dev.agentlab.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The whole configuration, valid. [EffectiveConfig] loads it; the comments on each key are in the
/// shipped `config.toml`.
///
/// @param shutdownTimeout how long the whole service may take to stop
/// @param dataDir the one folder the service writes to
/// @param oidc empty where only API keys let callers in
public record Config(
    Duration shutdownTimeout,
    Path dataDir,
    ServerConfig server,
    AuthConfig auth,
    Optional<OidcConfig> oidc,
    DatabaseConfig database,
    LoggingConfig logging,
    CorsConfig cors,
    PaginationConfig pagination,
    EgressConfig egress,
    UpstreamConfig upstream,
    SecretsConfig secrets) {}
