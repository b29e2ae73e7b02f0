package dev.agentlab.agents;

import dev.agentlab.listing.PageRange;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Looks up model routes. Implemented where the domains are wired together.
public interface RouteLookup {
  /// The id of the route with exactly this name; accepts any string.
  Optional<UUID> findRouteId(String name);

  /// The names of the routes with these ids that exist.
  Map<UUID, String> routeNames(Set<UUID> ids);

  /// The routes that use an agent, in the order of their names.
  ///
  /// @param window the page to return
  AgentDependents findDependents(UUID agent, PageRange window);
}
