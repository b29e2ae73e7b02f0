package dev.agentlab.config;

import java.time.Duration;

/// How long the service waits for providers.
///
/// @param connectTimeout until a connection stands
/// @param responseTimeout until the whole of an answer that is not streamed has arrived
public record UpstreamConfig(Duration connectTimeout, Duration responseTimeout) {}
