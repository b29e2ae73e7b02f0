package dev.agentlab.security;

import dev.agentlab.errors.NameRule;
import java.util.UUID;

/// What a grant of a scope is restricted to. Providers and models are compared by the names that
/// they have at the time of a call.
public sealed interface Restriction {
  /// The grant is not restricted.
  record None() implements Restriction {}

  /// Restricted to one agent, whatever its provider.
  record ToAgent(UUID id) implements Restriction {}

  /// Restricted to one model route, whatever its targets.
  record ToRoute(UUID id) implements Restriction {}

  /// Restricted to the registered provider with this name, with all of its models.
  record ToProvider(String name) implements Restriction {
    /// @throws IllegalArgumentException if no provider can have the name
    public ToProvider {
      requireValid(name);
    }
  }

  /// Restricted to some models of the registered provider with this name.
  ///
  /// @param models the pattern that their names match
  record ToModels(String provider, ModelPattern models) implements Restriction {
    /// @throws IllegalArgumentException if no provider can have the name
    public ToModels {
      requireValid(provider);
    }
  }

  /// Whether this restriction permits everything that the other permits.
  default boolean covers(Restriction other) {
    return switch (this) {
      case None _ -> true;
      case ToAgent _, ToRoute _ -> equals(other);
      case ToProvider(String name) ->
          equals(other) || (other instanceof ToModels models && models.provider().equals(name));
      case ToModels(String provider, ModelPattern models) ->
          other instanceof ToModels narrower
              && narrower.provider().equals(provider)
              && models.covers(narrower.models());
    };
  }

  private static void requireValid(String provider) {
    NameRule.findError(provider)
        .ifPresent(message -> {
          throw new IllegalArgumentException("the provider name " + message);
        });
  }
}
