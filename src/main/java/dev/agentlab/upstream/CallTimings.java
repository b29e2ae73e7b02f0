package dev.agentlab.upstream;

import java.time.Duration;

/// How long each part of a call took; zero for one not reached.
///
/// @param resolve finding the addresses of the name, and judging them
/// @param connect connecting, TLS included; near zero on a connection kept from a call before
/// @param answer sending the request and receiving the whole answer
public record CallTimings(Duration resolve, Duration connect, Duration answer) {}
