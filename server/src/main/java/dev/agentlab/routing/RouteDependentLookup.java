package dev.agentlab.routing;

import dev.agentlab.listing.PageRange;
import java.util.UUID;

/// Finds the agents that use a route. Implemented where the domains are wired together.
@FunctionalInterface
public interface RouteDependentLookup {
  /// The agents, in the order of their names.
  ///
  /// @param window the page to return
  RouteDependents find(UUID route, PageRange window);
}
