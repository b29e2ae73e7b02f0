package dev.agentlab.proxy;

import dev.agentlab.net.Host;
import java.util.List;
import java.util.Optional;

/// Which calls use which proxy.
///
/// @param https the proxy for calls by https
/// @param http the proxy for calls by http
/// @param noProxy the hosts that are called without a proxy
public record ProxySettings(
    Optional<HttpProxy> https, Optional<HttpProxy> http, List<NoProxyRule> noProxy) {

  /// No call uses a proxy.
  public static final ProxySettings DIRECT =
      new ProxySettings(Optional.empty(), Optional.empty(), List.of());

  public ProxySettings {
    noProxy = List.copyOf(noProxy);
  }

  /// All calls use one proxy.
  public static ProxySettings of(HttpProxy proxy) {
    return new ProxySettings(Optional.of(proxy), Optional.of(proxy), List.of());
  }

  /// The proxy for calls of a host; empty for a direct call. Hosts of this machine are always
  /// called directly: for a proxy, `localhost` would be another machine.
  ///
  /// @param secure whether the scheme is `https` rather than `http`
  public Optional<HttpProxy> find(boolean secure, Host host, int port) {
    Optional<HttpProxy> proxy = secure ? https : http;
    return proxy.isEmpty() || isLocal(host) || isExempt(host, port) ? Optional.empty() : proxy;
  }

  private static boolean isLocal(Host host) {
    return host.isLoopback() || host.text().endsWith(".localhost");
  }

  private boolean isExempt(Host host, int port) {
    return noProxy.stream().anyMatch(rule -> rule.matches(host, port));
  }
}
