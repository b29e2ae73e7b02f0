package dev.agentlab.server;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.feature.Feature;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import dev.agentlab.vault.Vault;
import java.util.List;

/// The encryption of stored secrets and the rotation of its key.
record SecretFeature(Vault vault, AuditTrail audit) implements Feature {
  static final Scope SECRETS_ADMIN = new Scope("secrets:admin", "rotating the key-encryption key");

  static final List<Scope> SCOPES = List.of(SECRETS_ADMIN);

  @Override
  public List<RouteGroup> routes() {
    return List.of(SecretRoutes.of(vault, audit));
  }
}
