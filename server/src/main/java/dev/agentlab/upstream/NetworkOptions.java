package dev.agentlab.upstream;

import dev.agentlab.proxy.HttpProxy;
import dev.agentlab.proxy.ProxySettings;
import dev.agentlab.secrets.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How one upstream is reached over the network, where it differs from the settings of the service.
///
/// @param proxy the upstream's own proxy, to which the egress policy applies as to any address, or
///   none at all; empty for the proxy of the service, which is trusted like the rest of its
///   configuration
/// @param authorities trusted for this upstream beside those of the service
/// @param headTimeout timeout until the response begins
/// @param idleTimeout timeout between two parts of a stream
/// @param totalTimeout timeout for an entire call
public record NetworkOptions(
    Optional<ProxySettings> proxy,
    CertificateAuthorities authorities,
    Optional<Duration> headTimeout,
    Optional<Duration> idleTimeout,
    Optional<Duration> totalTimeout) {

  /// The settings of the service.
  public static final NetworkOptions DEFAULT =
      new NetworkOptions(
          Optional.empty(),
          CertificateAuthorities.NONE,
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /// The credentials of the upstream's own proxy, which must never be shown.
  public List<Secret> secrets() {
    return proxy.flatMap(ProxySettings::https).flatMap(HttpProxy::credentials).stream().toList();
  }
}
