package dev.agentlab.server;

import dev.agentlab.build.Build;
import dev.agentlab.config.Config;
import dev.agentlab.config.Settings;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseState;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import dev.agentlab.vault.Vault;
import java.time.Instant;
import java.util.List;

/// The program that runs, its database, its replicas and its configuration.
///
/// @param startedAt when the program was started
record AboutFeature(Config config, Instant startedAt, Database database, Vault vault)
    implements Feature {
  static final Scope SYSTEM_READ =
      new Scope("system:read", "reading the version, the configuration and the replicas");

  static final List<Scope> SCOPES = List.of(SYSTEM_READ);

  @Override
  public List<RouteGroup> routes() {
    return List.of(AboutRoutes.of(this::read));
  }

  private About read() {
    DatabaseState state = database.state();
    Build build = Build.current();
    return new About(
        build.version(),
        build.commit(),
        Runtime.version().toString(),
        startedAt,
        new About.DatabaseInfo(
            About.Mode.of(config.get(Settings.DATABASE_MODE)),
            state.serverVersion(),
            state.schemaVersion()),
        vault.replicas(),
        About.settings(config));
  }
}
