package dev.agentlab.http;

import dev.agentlab.access.Authenticator;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// What all exchanges of one server share.
///
/// @param authenticator knows the callers
/// @param hosts which ones a request may be for
/// @param handlers makes the thread a handler runs on
record Edge(
    HttpSettings settings,
    Router router,
    Authenticator authenticator,
    Traffic traffic,
    RequestLog log,
    HttpDate date,
    AllowedHosts hosts,
    Optional<CorsHeaders> cors,
    ThreadFactory handlers) {}
