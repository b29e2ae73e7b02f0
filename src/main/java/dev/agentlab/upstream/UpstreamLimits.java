package dev.agentlab.upstream;

import java.time.Duration;

/// The time and memory limits of one call to an upstream.
///
/// @param resolve timeout for resolving the host name
/// @param connect timeout for connecting to one address, and again for TLS
/// @param firstByte timeout from the start of the call to the first byte of a stream
/// @param idle timeout between two parts of a stream, while the caller has demand
/// @param total timeout for the entire call, including name resolution and connection
/// @param body maximum size of a non-streaming response, in bytes
/// @param connections maximum number of connections kept open to the address after calls; calls
///   beyond that number use connections that are closed afterwards
public record UpstreamLimits(
    Duration resolve,
    Duration connect,
    Duration firstByte,
    Duration idle,
    Duration total,
    int body,
    int connections) {

  private static final int USUAL_CONNECTIONS = 64;

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
        USUAL_CONNECTIONS);
  }
}
