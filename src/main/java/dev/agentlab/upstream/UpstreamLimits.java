package dev.agentlab.upstream;

import java.time.Duration;

/// How much time and memory one call to an upstream may take.
///
/// @param resolve to find the addresses of a name
/// @param connect to connect to one address, and as much again for TLS
/// @param firstByte from the beginning of the call until a stream's first byte
/// @param idle between two parts of a stream, while the caller takes them
/// @param total for the whole call, name and connection included
/// @param body bytes that an answer read whole may have
/// @param connections kept to the address after calls; what calls need beyond that ends with them
public record UpstreamLimits(
    Duration resolve,
    Duration connect,
    Duration firstByte,
    Duration idle,
    Duration total,
    int body,
    int connections) {

  private static final int USUAL_CONNECTIONS = 64;

  /// With as many kept connections as is usual.
  public UpstreamLimits(
      Duration resolve,
      Duration connect,
      Duration firstByte,
      Duration idle,
      Duration total,
      int body) {
    this(resolve, connect, firstByte, idle, total, body, USUAL_CONNECTIONS);
  }
}
