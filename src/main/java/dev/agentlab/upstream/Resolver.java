package dev.agentlab.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Finds the addresses of a host's name.
@FunctionalInterface
public interface Resolver {

  /// The addresses, best first. May block; is asked on a thread of its own, and interrupted when
  /// nobody waits for the answer.
  ///
  /// @throws UnknownHostException if the name has none
  List<InetAddress> resolve(String host) throws UnknownHostException;

  /// The resolver of the operating system, through the JDK and its cache.
  static Resolver system() {
    return host -> List.of(InetAddress.getAllByName(host));
  }
}
