package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderConfig;
import java.util.UUID;

/// What an agent calls: a provider, or a model route in the place of one.
public sealed interface ProviderReference {

  /// A provider configured inline, including its secrets.
  record Inline(ProviderConfig config) implements ProviderReference {}

  /// A registered provider, resolved at the time of the call.
  record Registered(UUID id) implements ProviderReference {}

  /// A model route, which decides for each call which of its targets is called.
  record Route(UUID id) implements ProviderReference {}
}
