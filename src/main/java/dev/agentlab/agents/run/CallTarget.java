package dev.agentlab.agents.run;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.kinds.LlmProvider;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.secrets.Secret;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The provider that runs call. It is built once and shared by all calls with its own credential,
/// unless the secret is a reference whose value may change. Thread-safe.
final class CallTarget {
  private final String name;
  private final String key;
  private final ProviderConfig config;
  private final ProviderKinds kinds;
  private final boolean hasReferences;

  private volatile @Nullable LlmProvider cachedProvider;

  /// @param name the name of the registered provider, or the kind of the inline provider
  /// @param key identifies the provider in its current version, like
  ///   [dev.agentlab.modelclient.Target#key]
  CallTarget(String name, String key, ProviderConfig config, ProviderKinds kinds) {
    this.name = name;
    this.key = key;
    this.config = config;
    this.kinds = kinds;
    hasReferences = config.hasReferences();
  }

  String name() {
    return name;
  }

  String key() {
    return key;
  }

  /// The provider to call.
  ///
  /// @param token replaces the provider's own API key
  /// @throws InvalidInputException if the configuration cannot be used, or the provider accepts no
  ///   token
  LlmProvider provider(Optional<Secret> token) {
    if (token.isPresent()) {
      return kinds
          .buildWithKey(config, token.get())
          .orElseThrow(() ->
              new InvalidInputException(
                  "token", "must not be set: the provider does not use a single API key"));
    }
    if (hasReferences) {
      return kinds.build(config);
    }
    LlmProvider cached = cachedProvider;
    if (cached == null) {
      cached = kinds.build(config);
      cachedProvider = cached;
    }
    return cached;
  }
}
