package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderConfig;
import java.util.UUID;

/// The provider of an agent.
public sealed interface ProviderReference {

  /// A provider configured inline, including its secrets.
  record Inline(ProviderConfig config) implements ProviderReference {}

  /// A registered provider, resolved at the time of the call.
  record Registered(UUID id) implements ProviderReference {}
}
