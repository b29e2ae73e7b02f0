package dev.agentlab.http;

import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.security.Authenticator;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// The components shared by all requests of one server.
///
/// @param authenticator authenticates callers
/// @param credentialMonitor re-checks the credentials of requests in progress
/// @param memory the budget for request bodies and buffered responses
/// @param allowedHosts the hosts that a request may name
/// @param handlerThreads creates the threads of handlers
record ServerContext(
    HttpSettings settings,
    Router router,
    Authenticator authenticator,
    CredentialMonitor credentialMonitor,
    RequestLimiter requestLimiter,
    MemoryBudget memory,
    RequestMetrics metrics,
    HttpDate httpDate,
    AllowedHosts allowedHosts,
    TrustedProxies trustedProxies,
    Optional<CorsHeaders> cors,
    ThreadFactory handlerThreads) {}
