package dev.agentlab.http;

/// What a caller must be allowed to do to use a route.
public enum Scope {
  /// Anyone may: health, metrics, the API description.
  OPEN("open"),
  PROVIDERS_READ("providers:read"),
  PROVIDERS_WRITE("providers:write"),
  AGENTS_READ("agents:read"),
  AGENTS_WRITE("agents:write"),
  /// To run agents, which costs what their models cost.
  INVOKE("invoke");

  private final String text;

  Scope(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
