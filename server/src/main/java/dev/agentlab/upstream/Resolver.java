package dev.agentlab.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Resolves a host name to its addresses.
@FunctionalInterface
public interface Resolver {

  /// Resolves a host name. May block: it is called on a separate thread, which is interrupted when
  /// the caller no longer waits.
  ///
  /// @return the addresses, the preferred one first
  /// @throws UnknownHostException if the name has no address
  List<InetAddress> resolve(String host) throws UnknownHostException;

  /// The resolver of the operating system, including the cache of the JDK.
  static Resolver system() {
    return host -> List.of(InetAddress.getAllByName(host));
  }
}
