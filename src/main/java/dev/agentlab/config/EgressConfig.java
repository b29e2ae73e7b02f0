package dev.agentlab.config;

import java.util.List;

/// Which addresses beside public ones this service may call.
///
/// @param loopback whether it may call this machine's own loopback addresses
/// @param privateNetworks networks in CIDR notation, such as `10.0.0.0/8` or `fd00::/8`
public record EgressConfig(boolean loopback, List<String> privateNetworks) {
  public EgressConfig {
    privateNetworks = List.copyOf(privateNetworks);
  }

  /// What `egress.loopback` may say.
  enum Loopback {
    /// Allowed when the service is for this machine: it listens on a loopback address only, and no
    /// host is listed that others know it by.
    AUTO,
    ALLOW,
    DENY
  }
}
