package dev.agentlab.routing;

import dev.agentlab.database.Database;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Finds the routes whose present revision calls a registered provider or agent. Stateless and
/// thread-safe; needs no other domain.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] if the database is unavailable.
public interface RoutesByTarget {

  /// Creates the PostgreSQL-backed implementation.
  static RoutesByTarget of(Database database) {
    return new PostgresRoutesByTarget(database);
  }

  /// A part of the routes, in the order of their names.
  ///
  /// @param total the number of all of them
  record Found(List<ModelRouteSummary> routes, long total) {
    public Found {
      routes = List.copyOf(routes);
    }
  }

  /// The routes with a target that is a model of a provider.
  ///
  /// @param offset the number of routes to omit
  /// @param limit the maximum number of routes
  Found findByProvider(UUID provider, long offset, int limit);

  /// The routes with a target that is an agent.
  ///
  /// @param offset the number of routes to omit
  /// @param limit the maximum number of routes
  Found findByAgent(UUID agent, long offset, int limit);

  /// The id of the route with exactly this name; accepts any string.
  Optional<UUID> findId(String name);

  /// The names of the routes with these ids that exist.
  Map<UUID, String> findNames(Set<UUID> ids);
}
