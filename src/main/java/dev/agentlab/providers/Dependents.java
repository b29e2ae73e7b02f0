package dev.agentlab.providers;

import dev.agentlab.json.SchemaName;
import java.util.List;
import java.util.UUID;

/// What uses a provider and keeps it from being deleted.
///
/// @param agents by name; a page of them, or the first
/// @param total how many there are in all
@SchemaName("ProviderDependents")
public record Dependents(List<Dependent> agents, long total) {
  public Dependents {
    agents = List.copyOf(agents);
  }

  /// An agent that follows the provider.
  @SchemaName("ProviderDependent")
  public record Dependent(UUID id, String name) {}
}
