package dev.agentlab.server;

import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.security.Scope;
import dev.agentlab.vault.Vault;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/// Liveness, readiness and metrics.
record HealthFeature(Lifecycle lifecycle, Vault vault, PrometheusMeterRegistry metrics)
    implements Feature {
  static final Scope METRICS_READ = new Scope("metrics:read", "reading `/metrics`");

  static final List<Scope> SCOPES = List.of(METRICS_READ);

  @Override
  public List<RouteGroup> routes() {
    return List.of(HealthRoutes.of(lifecycle, vault.heartbeat()::rotationNotice, metrics));
  }
}
