package dev.agentlab.kinds;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.secrets.Secret;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A stored provider at one version, with plaintext secrets, for calling it and never for showing
/// it. Thread-safe.
public final class ResolvedProvider {
  private final ProviderKinds kinds;
  private final Optional<UUID> id;
  private final String name;
  private final String key;
  private final long version;
  private final ProviderConfig config;
  private final ModelSelection models;
  private final boolean hasReferences;
  private volatile @Nullable CallableProvider built;

  private ResolvedProvider(
      ProviderKinds kinds,
      Optional<UUID> id,
      String name,
      String key,
      long version,
      ProviderConfig config) {
    this.kinds = kinds;
    this.id = id;
    this.name = name;
    this.key = key;
    this.version = version;
    this.config = config;
    models = config.models();
    hasReferences = config.hasReferences();
  }

  /// A registered provider.
  ///
  /// @param version incremented by every change
  public static ResolvedProvider registered(
      ProviderKinds kinds, UUID id, String name, long version, ProviderConfig config) {
    return new ResolvedProvider(
        kinds, Optional.of(id), name, "provider %s %d".formatted(id, version), version, config);
  }

  /// The inline provider of an agent.
  public static ResolvedProvider inline(
      ProviderKinds kinds, UUID agent, long revision, ProviderConfig config) {
    return new ResolvedProvider(
        kinds,
        Optional.empty(),
        config.name(),
        "agent %s %d".formatted(agent, revision),
        revision,
        config);
  }

  /// The id of a registered provider; empty for an inline one.
  public Optional<UUID> id() {
    return id;
  }

  /// The name of a registered provider, or the kind of an inline one.
  public String name() {
    return name;
  }

  /// Identifies the provider and its version.
  public String key() {
    return key;
  }

  public long version() {
    return version;
  }

  /// The models that the gateway offers.
  public ModelSelection models() {
    return models;
  }

  /// Whether the gateway offers a model, as far as the configuration says. A deployment of Azure
  /// answers whatever the model of the request is, and counts as the only model.
  public boolean offers(String model) {
    return models.allows(model) && Azure.deployment(config).map(model::equals).orElse(true);
  }

  /// The provider with its own credential. Built once, unless a secret is a reference, whose value
  /// may change.
  ///
  /// @throws InvalidInputException if the configuration cannot be used, or a reference cannot be
  ///   resolved
  public CallableProvider callable() {
    CallableProvider provider = built;
    if (provider == null) {
      provider = kinds.build(config);
      if (!hasReferences) {
        built = provider;
      }
    }
    return provider;
  }

  /// Whether [#callable] reads nothing, such as a file with a secret.
  public boolean isInMemory() {
    return !hasReferences;
  }

  /// The provider with another API key than its own.
  ///
  /// @throws InvalidInputException if the configuration cannot be used, or for the field `token` if
  ///   the key is invalid or the provider does not use a single API key
  public CallableProvider callableWithKey(Secret token) {
    return kinds
        .buildWithKey(config, token)
        .orElseThrow(() ->
            new InvalidInputException(
                "token", "must not be set: the provider does not use a single API key"));
  }

  /// The name, because the configuration contains secrets.
  @Override
  public String toString() {
    return name;
  }
}
