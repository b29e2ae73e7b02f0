package dev.agentlab.routing;

import java.util.UUID;

/// What a target of a model route calls.
public sealed interface RouteDestination {

  /// A model of a registered provider.
  ///
  /// @param model the provider's name of the model
  record ProviderModel(UUID provider, String model) implements RouteDestination {}

  /// A registered agent, with its prompt, options and model.
  record RegisteredAgent(UUID agent) implements RouteDestination {}
}
