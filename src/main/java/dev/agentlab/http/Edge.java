package dev.agentlab.http;

import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// What all exchanges of one server share.
///
/// @param handlers makes the thread a handler runs on
record Edge(
    HttpSettings settings,
    Router router,
    Traffic traffic,
    RequestLog log,
    HttpDate date,
    Optional<CorsHeaders> cors,
    ThreadFactory handlers) {}
