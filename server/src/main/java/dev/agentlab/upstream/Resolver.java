package dev.agentlab.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/// Resolves a host name to its addresses.
@FunctionalInterface
public interface Resolver {

  /// Resolves a host name. May block: it is called on a separate thread.
  ///
  /// @return the addresses, the preferred one first
  /// @throws UnknownHostException if the name has no address
  List<InetAddress> resolve(String host) throws UnknownHostException;

  /// How long addresses may be reused without another lookup. The default is not at all.
  default Duration timeToLive() {
    return Duration.ZERO;
  }

  /// The resolver of the operating system, including the cache of the JDK.
  static Resolver system() {
    return new Resolver() {
      @Override
      public List<InetAddress> resolve(String host) throws UnknownHostException {
        return List.of(InetAddress.getAllByName(host));
      }

      // Shorter than the 30 seconds for which the JDK caches addresses.
      @Override
      public Duration timeToLive() {
        return Duration.ofSeconds(5);
      }
    };
  }
}
