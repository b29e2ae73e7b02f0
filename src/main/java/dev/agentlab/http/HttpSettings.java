package dev.agentlab.http;

import dev.agentlab.net.Cidr;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How the HTTP server listens and what it bears.
///
/// @param host the address to listen on, or a name of one
/// @param port 0 picks a free one
/// @param allowedHosts names that requests may be for, beside those that follow from `host`; `*`
///   for any
/// @param trustedProxies whose headers tell the address of the caller
/// @param readTimeout from a request's headers to the last byte of its body
/// @param writeTimeout without progress in sending an answer, after which the connection is cut
/// @param idleTimeout between an answer and the whole head of the next request on a connection
/// @param heartbeat of silence in a stream of events until a comment says that it goes on
/// @param maxBodySize bytes of a request's body
/// @param maxInFlight requests at one time, beyond which further ones are refused
/// @param tls where the certificate is; empty for connections in clear
/// @param cors which other origins a browser may let in; empty for none
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
    Optional<Cors> cors) {

  /// The most time a new connection has for the head of its first request.
  private static final Duration MAX_HEAD_TIMEOUT = Duration.ofSeconds(10);

  public HttpSettings {
    allowedHosts = List.copyOf(allowedHosts);
    trustedProxies = List.copyOf(trustedProxies);
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: 0 … 65535, not " + port);
    }
    requirePositive("readTimeout", readTimeout);
    requirePositive("writeTimeout", writeTimeout);
    requirePositive("idleTimeout", idleTimeout);
    requirePositive("heartbeat", heartbeat);
    if (maxBodySize < 1 || maxInFlight < 1) {
      throw new IllegalArgumentException("maxBodySize and maxInFlight must be at least 1");
    }
  }

  /// The time a new connection has for the head of its first request.
  Duration headTimeout() {
    return readTimeout.compareTo(MAX_HEAD_TIMEOUT) < 0 ? readTimeout : MAX_HEAD_TIMEOUT;
  }

  private static void requirePositive(String name, Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException(name + " is positive, not " + duration);
    }
  }
}
