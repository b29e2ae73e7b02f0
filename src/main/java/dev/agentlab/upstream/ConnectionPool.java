package dev.agentlab.upstream;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The connections of one client that outlive a call: which have carried one, and how many may be
/// kept to an address. Safe for all threads.
final class ConnectionPool {
  private final Set<HttpConnection> used = new HashSet<>();
  private final Map<SocketAddress, Integer> kept = new HashMap<>();

  /// Notes that a connection is about to carry a call.
  ///
  /// @param most connections to keep to the address
  /// @return what is known of it
  synchronized Use use(HttpConnection connection, SocketAddress address, int most) {
    if (used.contains(connection)) {
      return Use.AGAIN;
    }
    int others = kept.getOrDefault(address, 0);
    if (others >= most) {
      return Use.ONCE;
    }
    used.add(connection);
    kept.put(address, others + 1);
    connection.closeHandler(_ -> forget(connection, address));
    return Use.FIRST;
  }

  /// What a call means for its connection.
  enum Use {
    /// It is new, and is kept after the call.
    FIRST,
    /// It has carried a call, so may have grown stale since.
    AGAIN,
    /// It is new, and ends with the call.
    ONCE
  }

  private synchronized void forget(HttpConnection connection, SocketAddress address) {
    if (used.remove(connection)) {
      kept.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
    }
  }
}
