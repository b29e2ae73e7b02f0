package dev.agentlab.cli;

import java.util.Iterator;
import java.util.List;

/// The scope names for completion and help. The service validates the scopes.
final class ScopeNames implements Iterable<String> {
  /// Grants all scopes of the creator of a key.
  static final String ALL = "all";

  private static final List<String> NAMES =
      List.of(
          "providers:read",
          "providers:write",
          "agents:read",
          "agents:write",
          "invoke",
          "keys:admin",
          "secrets:admin",
          "audit:read",
          "metrics:read",
          "invoke:AGENT",
          ALL);

  @Override
  public Iterator<String> iterator() {
    return NAMES.iterator();
  }
}
