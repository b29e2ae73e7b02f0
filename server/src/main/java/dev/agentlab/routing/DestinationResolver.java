package dev.agentlab.routing;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.modelclient.PlannedTarget;
import java.util.List;
import java.util.Optional;

/// Resolves what the targets of routes call. Implemented where the domains are wired together.
/// Thread-safe.
public interface DestinationResolver {
  /// What a destination calls, in the order in which it is tried; empty if this is not in memory.
  /// Does not block.
  ///
  /// @param session the session of the call, if it has one
  /// @throws UnavailableException if its configuration cannot be used
  Optional<List<PlannedTarget>> resolveCached(
      RouteDestination destination, Optional<String> session);

  /// The same; empty if the destination has been deleted. Blocks.
  ///
  /// @throws UnavailableException if its configuration cannot be used
  Optional<List<PlannedTarget>> resolve(RouteDestination destination, Optional<String> session);
}
