package dev.agentlab.providers;

import dev.agentlab.listing.PageRange;
import java.util.UUID;

/// Finds the dependents of a provider. The provider registry does not know other domains; the
/// composition root implements this interface.
@FunctionalInterface
public interface DependentLookup {
  /// The dependents: the agents, then the routes, each in the order of their names.
  ///
  /// @param window the page to return
  Dependents find(UUID provider, PageRange window);
}
