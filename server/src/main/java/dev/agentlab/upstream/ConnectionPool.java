package dev.agentlab.upstream;

import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The keep-alive connections of one client: which ones have carried a call, and how many are kept
/// per destination. Thread-safe.
final class ConnectionPool {
  private final Set<HttpConnection> usedConnections = new HashSet<>();
  private final Map<Object, Integer> keptByDestination = new HashMap<>();

  /// Registers a connection for a call.
  ///
  /// @param destination identifies the connections that count together
  /// @param max maximum number of connections kept open to the destination
  /// @return how the call uses the connection
  synchronized Use register(HttpConnection connection, Object destination, int max) {
    if (usedConnections.contains(connection)) {
      return Use.REUSED;
    }
    int others = keptByDestination.getOrDefault(destination, 0);
    if (others >= max) {
      return Use.SINGLE_USE;
    }
    usedConnections.add(connection);
    keptByDestination.put(destination, others + 1);
    connection.closeHandler(_ -> remove(connection, destination));
    return Use.NEW;
  }

  /// How a call uses its connection.
  enum Use {
    /// A new connection that is kept open after the call.
    NEW,
    /// A connection that has carried an earlier call, so it may be stale.
    REUSED,
    /// A new connection that is closed after the call.
    SINGLE_USE
  }

  private synchronized void remove(HttpConnection connection, Object destination) {
    if (usedConnections.remove(connection)) {
      keptByDestination.computeIfPresent(destination, (_, count) -> count == 1 ? null : count - 1);
    }
  }
}
