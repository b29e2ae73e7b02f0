package dev.agentlab.keys;

import dev.agentlab.errors.IdOrName;
import java.util.Optional;
import java.util.UUID;

/// Finds the id of a model route. Decouples this package from the routes: the server supplies the
/// implementation.
@FunctionalInterface
public interface RouteIdLookup {
  /// Finds the id of a route by its id or name. Empty if there is no such route.
  Optional<UUID> findId(IdOrName route);
}
