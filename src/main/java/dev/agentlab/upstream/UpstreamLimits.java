package dev.agentlab.upstream;

import java.time.Duration;

/// How much time and memory one call to an upstream may take.
///
/// @param resolve to find the addresses of a name
/// @param connect to connect to one address, and as much again for TLS
/// @param total for the whole call, name and connection included
/// @param body bytes an answer's body may have
public record UpstreamLimits(Duration resolve, Duration connect, Duration total, int body) {}
