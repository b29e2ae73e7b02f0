package dev.agentlab.audit;

import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Reading and verifying the audit trail, and chaining its rows.
public record AuditFeature(AuditReader reader, AuditChainWorker chain) implements Feature {
  static final Scope AUDIT_READ = new Scope("audit:read", "reading and verifying the audit trail");

  public static final List<Scope> SCOPES = List.of(AUDIT_READ);

  @Override
  public List<RouteGroup> routes() {
    return List.of(AuditRoutes.of(reader));
  }

  @Override
  public Map<Class<?>, JsonNode> schemas() {
    return AuditRoutes.schemas();
  }

  @Override
  public void register(Lifecycle lifecycle) {
    lifecycle.onStartup("audit chain", "encryption of secrets", chain::start);
    lifecycle.onShutdown("audit chain", chain::stop);
  }
}
