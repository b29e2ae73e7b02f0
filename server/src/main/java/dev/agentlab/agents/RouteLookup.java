package dev.agentlab.agents;

import dev.agentlab.listing.PageRange;
import java.util.UUID;

/// Looks up model routes. Implemented where the domains are wired together.
public interface RouteLookup {
  /// Whether there is a route with exactly this name; accepts any string.
  boolean hasRouteNamed(String name);

  /// The routes that use an agent, in the order of their names.
  ///
  /// @param window the page to return
  AgentDependents findDependents(UUID agent, PageRange window);
}
