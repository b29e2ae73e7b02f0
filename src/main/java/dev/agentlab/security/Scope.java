package dev.agentlab.security;

/// What a caller must be allowed to do to use a route.
public enum Scope {
  /// Anyone may: liveness, readiness, the API description. It cannot be granted.
  OPEN("open"),
  /// Anyone may who is known, whatever else they may do: to ask who one is. It cannot be granted.
  KNOWN("known"),
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

  /// Whether a caller can be given it; what cannot be given needs no grant.
  public boolean isGranted() {
    return this != OPEN && this != KNOWN;
  }

  @Override
  public String toString() {
    return text;
  }
}
