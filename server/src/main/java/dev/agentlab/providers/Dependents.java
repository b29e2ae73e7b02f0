package dev.agentlab.providers;

import dev.agentlab.json.SchemaName;
import java.util.List;
import java.util.UUID;

/// The agents that use a provider and prevent its deletion.
///
/// @param agents one page, in the order of their names
/// @param total the number of agents on all pages
@SchemaName("ProviderDependents")
public record Dependents(List<Dependent> agents, long total) {
  public Dependents {
    agents = List.copyOf(agents);
  }

  /// An agent that uses the provider.
  @SchemaName("ProviderDependent")
  public record Dependent(UUID id, String name) {}
}
