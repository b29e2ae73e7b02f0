package dev.agentlab.cli;

import dev.agentlab.config.DatabaseConfig;
import dev.agentlab.database.Dsn;
import dev.agentlab.database.SslMode;
import dev.agentlab.secrets.Secret;
import java.util.Optional;

/// The external database that a configuration names.
final class ConfiguredDatabase {
  private ConfiguredDatabase() {}

  static Dsn dsn(DatabaseConfig config) {
    Optional<Secret> password =
        Optional.of(config.password()).filter(secret -> !secret.reveal().isEmpty());
    SslMode sslMode = SslMode.named(config.sslmode().toString()).orElseThrow();
    return new Dsn(config.host(), config.port(), config.name(), config.user(), password, sslMode);
  }
}
