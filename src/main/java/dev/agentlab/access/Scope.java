package dev.agentlab.access;

/// What a caller must be allowed to do to use a route.
public enum Scope {
  /// Anyone may: liveness, readiness, the API description. It cannot be granted.
  OPEN("open"),
  PROVIDERS_READ("providers:read"),
  PROVIDERS_WRITE("providers:write"),
  AGENTS_READ("agents:read"),
  AGENTS_WRITE("agents:write"),
  /// To run agents, which costs what their models cost.
  INVOKE("invoke"),
  KEYS_ADMIN("keys:admin"),
  SECRETS_ADMIN("secrets:admin"),
  AUDIT_READ("audit:read"),
  METRICS_READ("metrics:read");

  private final String text;

  Scope(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
