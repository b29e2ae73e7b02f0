package dev.agentlab.routing;

import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.FreshCache;
import dev.agentlab.database.RowCache;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.eventloop.Completions;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/// Finds model routes for calls. The latest revision of a route is cached until it changes, and the
/// id of a name for at most a second, so that a change is in effect on all replicas within a
/// second. Thread-safe.
public final class RegisteredRoutes {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final RowCache<ResolvedRoute> latest;
  private final FreshCache<String, Optional<UUID>> ids;

  public RegisteredRoutes(ModelRoutes routes, ChangeFeed changes) {
    latest = new RowCache<>(changes, ModelRoutes.TABLE, routes::resolve);
    ids =
        new FreshCache<>(
            changes, ModelRoutes.TABLE, name -> routes.findId(new IdOrName.Name(name)));
  }

  /// The id of the route with a name, empty inside if there is none; empty if this is not in
  /// memory. Does not block.
  public Optional<Optional<UUID>> findIdCached(String name) {
    return ids.getIfCached(name);
  }

  /// The id of the route with a name. Blocks.
  public Optional<UUID> findId(String name) {
    return Completions.join(ids.get(name));
  }

  /// The latest revision of a route; empty if it is not in memory. Does not block.
  public Optional<ResolvedRoute> findCached(UUID id) {
    return latest.getIfCached(id);
  }

  /// The latest revision of a route; empty if there is no such route. Blocks.
  ///
  /// @throws UnavailableException if this release cannot use the stored configuration, which an
  ///   administrator has to mend
  public Optional<ResolvedRoute> find(UUID id) {
    try {
      return Optional.of(latest.get(id));
    } catch (ModelRouteException.NotFound e) {
      return Optional.empty();
    } catch (InvalidInputException e) {
      throw new UnavailableException(
          "route %s cannot be used with its configuration".formatted(id), RETRY_AFTER, e);
    }
  }
}
