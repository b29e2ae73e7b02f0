package dev.agentlab.http;

import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.security.Authenticator;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// The components shared by all requests of one server.
///
/// @param authenticator authenticates callers
/// @param credentials re-checks the credentials of requests in progress
/// @param memory the budget for request bodies and buffered responses
/// @param hosts the hosts that a request may name
/// @param handlers creates the threads of handlers
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
