package dev.agentlab.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Where the service listens and what it bears from a caller.
///
/// @param allowedHosts names of the service that requests may be for; `*` for any
/// @param trustedProxies networks of the proxies whose headers tell the address of the caller
/// @param readTimeout how long a request may take to arrive
/// @param writeTimeout how long an answer may go without progress; never cuts a stream that moves
/// @param shutdownTimeout how long requests in flight may go on once the service stops
/// @param maxInFlight requests handled at once, at least 1
/// @param maxBodySize bytes of a request's body, at least 1
/// @param tls empty for connections in clear
public record ServerConfig(
    String host,
    int port,
    List<String> allowedHosts,
    List<String> trustedProxies,
    Duration readTimeout,
    Duration writeTimeout,
    Duration shutdownTimeout,
    int maxInFlight,
    int maxBodySize,
    Optional<Tls> tls) {

  /// Where the certificate is, in PEM.
  ///
  /// @param certificate the server's own, then those that lead to an authority
  /// @param key its private key
  public record Tls(Path certificate, Path key) {}

  public ServerConfig {
    allowedHosts = List.copyOf(allowedHosts);
    trustedProxies = List.copyOf(trustedProxies);
  }

  /// The scheme of its address.
  public String scheme() {
    return tls.isPresent() ? "https" : "http";
  }
}
