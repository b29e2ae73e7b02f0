package dev.agentlab.http;

import dev.agentlab.net.Authority;
import dev.agentlab.net.Cidr;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Settings of the HTTP server.
///
/// @param host the address to listen on, or its name
/// @param port the port to listen on; 0 for an ephemeral port
/// @param allowedHosts hosts that requests may name in addition to those derived from `host`; `*`
///   for any
/// @param trustedProxies networks of the proxies whose forwarding headers are trusted
/// @param readTimeout from the head of a request to the last byte of its body
/// @param writeTimeout without write progress, after which the connection is closed
/// @param idleTimeout from a response to the complete head of the next request on the connection
/// @param heartbeat the idle time in an event stream after which a keep-alive comment is sent
/// @param maxBodySize the maximum size of a request body in bytes
/// @param maxInFlight the maximum number of concurrent requests; further requests are rejected
/// @param tls the certificate files; empty for plaintext connections
/// @param cors the CORS policy; empty if no other origin is allowed
/// @param publicOrigin the origin at which browsers reach the service, such as
///   `https://lab.example.org`; empty if it is the address in the `Host` header
public record HttpSettings(
    String host,
    int port,
    List<String> allowedHosts,
    List<Cidr> trustedProxies,
    Duration readTimeout,
    Duration writeTimeout,
    Duration idleTimeout,
    Duration heartbeat,
    int maxBodySize,
    int maxInFlight,
    Optional<TlsFiles> tls,
    Optional<CorsPolicy> cors,
    Optional<String> publicOrigin) {

  /// The maximum of [#headTimeout()].
  private static final Duration MAX_HEAD_TIMEOUT = Duration.ofSeconds(10);

  public HttpSettings {
    allowedHosts = List.copyOf(allowedHosts);
    trustedProxies = List.copyOf(trustedProxies);
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: must be from 0 to 65535, was " + port);
    }
    requirePositive("readTimeout", readTimeout);
    requirePositive("writeTimeout", writeTimeout);
    requirePositive("idleTimeout", idleTimeout);
    requirePositive("heartbeat", heartbeat);
    if (maxBodySize < 1 || maxInFlight < 1) {
      throw new IllegalArgumentException(
          "maxBodySize, maxInFlight: must be at least 1, were %d, %d"
              .formatted(maxBodySize, maxInFlight));
    }
  }

  /// The timeout for the head of the first request on a new connection.
  Duration headTimeout() {
    return readTimeout.compareTo(MAX_HEAD_TIMEOUT) < 0 ? readTimeout : MAX_HEAD_TIMEOUT;
  }

  /// The hosts that requests may name in addition to those derived from `host`.
  List<String> namedHosts() {
    return Stream.concat(allowedHosts.stream(), publicOrigin.map(HttpSettings::host).stream())
        .toList();
  }

  /// The host of an origin. [URI#getHost] has none for a name with `_`.
  private static String host(String origin) {
    return Authority.parse(URI.create(origin).getRawAuthority()).host().toString();
  }

  private static void requirePositive(String name, Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException("%s: must be positive, was %s".formatted(name, duration));
    }
  }
}
