package dev.agentlab.security;

/// The authorization that a route requires.
public enum Scope {
  /// No authentication required: liveness, readiness, the API description. Cannot be granted.
  PUBLIC("open"),
  /// Authentication required, but no grant: the current caller. Cannot be granted.
  AUTHENTICATED("known"),
  PROVIDERS_READ("providers:read"),
  PROVIDERS_WRITE("providers:write"),
  AGENTS_READ("agents:read"),
  AGENTS_WRITE("agents:write"),
  /// To run agents, which incurs the costs of their models.
  INVOKE("invoke"),
  KEYS_ADMIN("keys:admin"),
  SECRETS_ADMIN("secrets:admin"),
  AUDIT_READ("audit:read"),
  METRICS_READ("metrics:read");

  private final String text;

  Scope(String text) {
    this.text = text;
  }

  /// Whether the scope can be granted; a scope that cannot be granted requires no grant.
  public boolean isGrantable() {
    return this != PUBLIC && this != AUTHENTICATED;
  }

  @Override
  public String toString() {
    return text;
  }
}
