package dev.agentlab.agents.run;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.kinds.LlmProvider;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.secrets.Secret;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A provider as runs call it, built once for all that call it with its own key, unless that is
/// elsewhere and may change. Safe for all threads.
final class CallTarget {
  private final String name;
  private final String key;
  private final ProviderConfig config;
  private final ProviderKinds kinds;
  private final boolean refersElsewhere;

  private volatile @Nullable LlmProvider built;

  /// @param name the registered provider's name, else its kind's
  /// @param key tells it from every other and from what it was before a change, as
  ///   [dev.agentlab.modelclient.Target#key] does
  CallTarget(String name, String key, ProviderConfig config, ProviderKinds kinds) {
    this.name = name;
    this.key = key;
    this.config = config;
    this.kinds = kinds;
    refersElsewhere = config.refersElsewhere();
  }

  String name() {
    return name;
  }

  String key() {
    return key;
  }

  /// The provider, ready to be called.
  ///
  /// @param token takes the place of its own key
  /// @throws InvalidInputException if its configuration cannot be used, or it takes no such token
  LlmProvider provider(Optional<Secret> token) {
    if (token.isPresent()) {
      return kinds
          .buildWith(config, token.get())
          .orElseThrow(() ->
              new InvalidInputException(
                  "token", "cannot be given: the provider is not called with a single key"));
    }
    if (refersElsewhere) {
      return kinds.build(config);
    }
    LlmProvider known = built;
    if (known == null) {
      known = kinds.build(config);
      built = known;
    }
    return known;
  }
}
