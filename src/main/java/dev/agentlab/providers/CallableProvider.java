package dev.agentlab.providers;

import dev.agentlab.kinds.ProviderConfig;

/// A registered provider with all that calling it needs. Printed it shows no secret.
///
/// @param version at least 1; every change makes it one greater
public record CallableProvider(String name, ProviderConfig config, long version) {}
