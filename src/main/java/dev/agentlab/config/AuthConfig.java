package dev.agentlab.config;

/// How callers are known.
///
/// @param enabled false lets everyone do everything, which only a service on loopback may
public record AuthConfig(boolean enabled) {}
