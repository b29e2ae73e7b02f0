package dev.agentlab.config;

import java.time.Duration;

/// How long the service waits for providers.
///
/// @param connectTimeout until a connection stands
/// @param responseTimeout until a list of models has arrived; what agents ask has limits of its own
/// @param streamIdleTimeout between two parts of a stream
/// @param streamTimeout for a whole stream
public record UpstreamConfig(
    Duration connectTimeout,
    Duration responseTimeout,
    Duration streamIdleTimeout,
    Duration streamTimeout) {}
