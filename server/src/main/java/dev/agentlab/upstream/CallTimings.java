package dev.agentlab.upstream;

import java.time.Duration;

/// The duration of each phase of a call; zero for a phase that was not reached.
///
/// @param resolve resolving the host name and checking its addresses against the egress policy
/// @param connect connecting, including TLS; near zero on a reused connection
/// @param response sending the request and receiving the complete response
public record CallTimings(Duration resolve, Duration connect, Duration response) {}
