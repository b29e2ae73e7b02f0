package dev.agentlab.providers;

import dev.agentlab.json.SchemaName;
import java.util.Optional;
import java.util.UUID;

/// A configuration to try before it is saved.
///
/// @param config as for a create or a replace
/// @param providerId the provider it would replace, whose secrets it then keeps where it leaves
///   them out
@SchemaName("ProbeInput")
public record ProbeInput(GivenConfig config, Optional<UUID> providerId) {}
