package dev.agentlab.http;

import dev.agentlab.memory.MemoryBudget;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// The components shared by all requests of one server.
///
/// @param authenticators authenticate callers
/// @param credentialMonitor re-checks the credentials of requests in progress
/// @param memory the budget for request bodies and buffered responses
/// @param allowedHosts the hosts that a request may name
/// @param origin the origin of the service
/// @param handlerThreads creates the threads of handlers
record ServerContext(
    HttpSettings settings,
    Router router,
    Authenticators authenticators,
    CredentialMonitor credentialMonitor,
    RequestLimiter requestLimiter,
    MemoryBudget memory,
    RequestMetrics metrics,
    HttpDate httpDate,
    AllowedHosts allowedHosts,
    ServiceOrigin origin,
    TrustedProxies trustedProxies,
    Optional<CorsHeaders> cors,
    ThreadFactory handlerThreads) {}
