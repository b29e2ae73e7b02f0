package dev.agentlab.upstream;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The keep-alive connections of one client: which ones have carried a call, and how many are kept
/// per address. Thread-safe.
final class ConnectionPool {
  private final Set<HttpConnection> used = new HashSet<>();
  private final Map<SocketAddress, Integer> kept = new HashMap<>();

  /// Registers a connection for a call.
  ///
  /// @param max maximum number of connections kept open to the address
  /// @return how the call uses the connection
  synchronized Use use(HttpConnection connection, SocketAddress address, int max) {
    if (used.contains(connection)) {
      return Use.AGAIN;
    }
    int others = kept.getOrDefault(address, 0);
    if (others >= max) {
      return Use.ONCE;
    }
    used.add(connection);
    kept.put(address, others + 1);
    connection.closeHandler(_ -> forget(connection, address));
    return Use.FIRST;
  }

  /// How a call uses its connection.
  enum Use {
    /// A new connection that is kept open after the call.
    FIRST,
    /// A connection that has carried an earlier call, so it may be stale.
    AGAIN,
    /// A new connection that is closed after the call.
    ONCE
  }

  private synchronized void forget(HttpConnection connection, SocketAddress address) {
    if (used.remove(connection)) {
      kept.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
    }
  }
}
