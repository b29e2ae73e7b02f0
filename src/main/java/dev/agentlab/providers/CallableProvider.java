package dev.agentlab.providers;

import dev.agentlab.kinds.ProviderConfig;

/// A registered provider with plaintext secrets, for calling it. Its string form masks secrets.
///
/// @param version starts at 1; incremented by every change
public record CallableProvider(String name, ProviderConfig config, long version) {}
