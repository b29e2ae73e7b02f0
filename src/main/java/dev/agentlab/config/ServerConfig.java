package dev.agentlab.config;

import java.time.Duration;
import java.util.List;

/// Where the service listens and what it bears from a caller.
///
/// @param allowedHosts names of the service that requests may be for; `*` for any
/// @param readTimeout how long a request may take to arrive
/// @param writeTimeout how long an answer may go without progress; never cuts a stream that moves
/// @param shutdownTimeout how long requests in flight may go on once the service stops
/// @param maxInFlight requests handled at once, at least 1
/// @param maxBodySize bytes of a request's body, at least 1
public record ServerConfig(
    String host,
    int port,
    List<String> allowedHosts,
    Duration readTimeout,
    Duration writeTimeout,
    Duration shutdownTimeout,
    int maxInFlight,
    int maxBodySize) {
  public ServerConfig {
    allowedHosts = List.copyOf(allowedHosts);
  }
}
