package dev.agentlab.http;

import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.security.Authenticator;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// What all exchanges of one server share.
///
/// @param authenticator knows the callers
/// @param credentials watches those of requests in progress
/// @param memory for request bodies and for responses that wait for their reader
/// @param hosts which ones a request may be for
/// @param handlers makes the thread a handler runs on
record ServerContext(
    HttpSettings settings,
    Router router,
    Authenticator authenticator,
    CredentialMonitor credentials,
    RequestLimiter traffic,
    MemoryBudget memory,
    AccessLog log,
    HttpDate date,
    AllowedHosts hosts,
    TrustedProxies proxies,
    Optional<CorsHeaders> cors,
    ThreadFactory handlers) {}
