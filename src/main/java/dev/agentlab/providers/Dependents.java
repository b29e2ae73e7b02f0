package dev.agentlab.providers;

import java.util.List;
import java.util.UUID;

/// What uses a provider and keeps it from being deleted.
///
/// @param agents by name; a page of them, or the first
/// @param total how many there are in all
public record Dependents(List<Dependent> agents, long total) {
  public Dependents {
    agents = List.copyOf(agents);
  }

  /// An agent that follows the provider.
  public record Dependent(UUID id, String name) {}
}
