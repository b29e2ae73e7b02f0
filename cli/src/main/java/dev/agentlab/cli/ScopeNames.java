package dev.agentlab.cli;

import java.util.Iterator;
import java.util.List;

/// The forms of scopes for completion and help. The service validates the scopes.
final class ScopeNames implements Iterable<String> {
  /// Grants all scopes of the creator of a key.
  static final String ALL = "all";

  private static final List<String> NAMES =
      List.of(
          "providers:read",
          "providers:write",
          "agents:read",
          "agents:write",
          "routes:read",
          "routes:write",
          "invoke",
          "proxy",
          "keys:admin",
          "secrets:admin",
          "calls:read",
          "on_behalf_of",
          "audit:read",
          "system:read",
          "metrics:read",
          "invoke:AGENT",
          "invoke:agent/AGENT",
          "invoke:route/ROUTE",
          "invoke:provider/PROVIDER",
          "invoke:model/PROVIDER/PATTERN",
          "proxy:PROVIDER",
          ALL);

  @Override
  public Iterator<String> iterator() {
    return NAMES.iterator();
  }
}
