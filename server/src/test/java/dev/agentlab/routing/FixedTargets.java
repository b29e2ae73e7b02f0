package dev.agentlab.routing;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Two providers and one agent.
final class FixedTargets implements TargetLookup {
  static final UUID OPENAI = UUID.fromString("0189e3c1-7a40-7000-8000-000000000001");
  static final UUID AZURE = UUID.fromString("0189e3c1-7a40-7000-8000-000000000002");
  static final UUID HELPER = UUID.fromString("0189e3c1-7a40-7000-8000-000000000003");

  private static final Map<UUID, String> PROVIDERS = Map.of(OPENAI, "openai", AZURE, "azure-eu");
  private static final Map<UUID, String> AGENTS = Map.of(HELPER, "helper");

  private static Optional<UUID> find(Map<UUID, String> names, String name) {
    return names.entrySet().stream()
        .filter(it -> it.getValue().equals(name))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static Map<UUID, String> select(Map<UUID, String> names, Set<UUID> ids) {
    return names.entrySet().stream()
        .filter(it -> ids.contains(it.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  @Override
  public Optional<UUID> findProviderId(String name) {
    return find(PROVIDERS, name);
  }

  @Override
  public Map<UUID, String> providerNames(Set<UUID> ids) {
    return select(PROVIDERS, ids);
  }

  @Override
  public Optional<UUID> findAgentId(String name) {
    return find(AGENTS, name);
  }

  @Override
  public Map<UUID, String> agentNames(Set<UUID> ids) {
    return select(AGENTS, ids);
  }

  @Override
  public Optional<List<String>> listModels(UUID provider) {
    return Optional.empty();
  }

  @Override
  public Optional<String> findProviderOfModel(String model) {
    return Optional.empty();
  }
}
