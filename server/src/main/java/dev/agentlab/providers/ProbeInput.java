package dev.agentlab.providers;

import dev.agentlab.json.SchemaName;
import java.util.Optional;
import java.util.UUID;

/// The request to test a configuration before it is stored.
///
/// @param config the configuration, as in the request of a create or a replace
/// @param providerId the provider that it would replace, whose stored secrets it keeps where it
///   omits them
@SchemaName("ProbeInput")
public record ProbeInput(ProviderConfigInput config, Optional<UUID> providerId) {}
