package dev.agentlab.upstream;

import java.time.Duration;

/// The time and memory limits of one call to an upstream.
///
/// @param resolveTimeout timeout for resolving the host name
/// @param connectTimeout timeout for connecting to one address, and again for TLS
/// @param firstByteTimeout timeout from the start of the call to the first byte of a stream
/// @param idleTimeout timeout between two parts of a stream, while the caller has demand
/// @param totalTimeout timeout for the entire call, including name resolution and connection
/// @param maxBodyBytes maximum size of a non-streaming response, in bytes
/// @param maxIdleConnections maximum number of connections kept open to the address after calls;
///   calls beyond that number use connections that are closed afterwards
public record UpstreamLimits(
    Duration resolveTimeout,
    Duration connectTimeout,
    Duration firstByteTimeout,
    Duration idleTimeout,
    Duration totalTimeout,
    int maxBodyBytes,
    int maxIdleConnections) {

  private static final int DEFAULT_CONNECTIONS = 64;

  /// The same limits with other timeouts for the response.
  public UpstreamLimits withTimeouts(Duration firstByte, Duration idle, Duration total) {
    return new UpstreamLimits(
        resolveTimeout, connectTimeout, firstByte, idle, total, maxBodyBytes, maxIdleConnections);
  }

  /// With the default number of connections.
  public UpstreamLimits(
      Duration resolveTimeout,
      Duration connectTimeout,
      Duration firstByteTimeout,
      Duration idleTimeout,
      Duration totalTimeout,
      int maxBodyBytes) {
    this(
        resolveTimeout,
        connectTimeout,
        firstByteTimeout,
        idleTimeout,
        totalTimeout,
        maxBodyBytes,
        DEFAULT_CONNECTIONS);
  }
}
