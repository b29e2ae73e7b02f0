package dev.agentlab.routing;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.json.SizeLimit;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.vault.Vault;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;

/// The registry of model routes. Every change creates a revision; revisions are kept until the
/// route is deleted. Stateless and thread-safe.
///
/// Every method throws [dev.agentlab.errors.UnavailableException] if the database is unavailable.
public interface ModelRoutes {
  /// Large enough for 32 targets with long names of models, and for some default parameters.
  SizeLimit CONFIG_SIZE = new SizeLimit("config", 128 << 10);

  /// The table with the rows of routes, of whose changes the change feed notifies.
  String TABLE = "model_routes";

  /// Creates the PostgreSQL-backed registry.
  ///
  /// @param changes notified of the changes made through this registry
  /// @param vault has the key of the hashes of idempotency keys
  /// @param audit records the changes
  static ModelRoutes of(
      Database database,
      ChangeFeed changes,
      PageLimits limits,
      TargetLookup targets,
      RouteDependentLookup dependents,
      Vault vault,
      AuditTrail audit) {
    return new PostgresModelRoutes(database, changes, limits, targets, dependents, vault, audit);
  }

  /// Creates a route at revision 1.
  ///
  /// @param idempotencyKey if present, a repeated request creates one route and gets the same
  ///   result
  /// @throws dev.agentlab.errors.InvalidInputException if the configuration is invalid, is too
  ///   large or names a provider or agent that is not registered
  /// @throws ModelRouteException.NameTaken if another route has the name
  /// @throws dev.agentlab.errors.IdempotencyException if a request with the key is in progress, or
  ///   the key was used for a different request
  ModelRoute create(ModelRouteInput input, Optional<String> idempotencyKey);

  /// Finds a route by its id.
  ///
  /// @throws ModelRouteException.NotFound if there is no such route
  ModelRoute find(UUID id);

  /// Replaces a route's name and configuration. Creates a revision unless both are unchanged.
  ///
  /// @param expected accepts the revisions that may be replaced
  /// @throws ModelRouteException.NotFound if there is no such route
  /// @throws ModelRouteException.Stale if the current revision is not accepted
  /// @throws ModelRouteException.NameTaken if another route has the name
  /// @throws dev.agentlab.errors.InvalidInputException if the configuration is invalid, is too
  ///   large, names a provider or agent that is not registered, or the route would call itself
  ModelRoute replace(UUID id, ModelRouteInput input, LongPredicate expected);

  /// Validates a configuration as a create does, and stores nothing.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it is invalid or names a provider or
  ///   agent that is not registered
  void check(ModelRouteConfigInput config);

  /// Deletes a route and its revisions.
  ///
  /// @param expected accepts the revisions that may be deleted
  /// @throws ModelRouteException.NotFound if there is no such route
  /// @throws ModelRouteException.Stale if the current revision is not accepted
  /// @throws ModelRouteException.InUse if agents use it
  void delete(UUID id, LongPredicate expected);

  /// One page of the agents that use a route and prevent its deletion, in the order of their names.
  ///
  /// @throws ModelRouteException.NotFound if there is no such route
  RouteDependents dependents(UUID id, PageRequest page);

  /// One page of the routes that match a request.
  ///
  /// @throws dev.agentlab.errors.InvalidInputException if it sorts by an unknown field
  Page<ModelRoute> search(SearchRequest request);

  /// The number of routes.
  long count();

  /// The first routes in the order of their names.
  List<ModelRouteEntry> list(int limit);

  /// The routes with these ids that exist, in the order of their names.
  List<ModelRouteEntry> list(Set<UUID> ids);

  /// The id of a route; empty if there is no such route.
  Optional<UUID> findId(IdOrName route);

  /// The id of a route.
  ///
  /// @throws ModelRouteException.NotFound if there is no such route
  default UUID requireId(IdOrName route) {
    return switch (route) {
      case IdOrName.Id(UUID id) -> id;
      case IdOrName.Name name ->
          findId(name).orElseThrow(() -> new ModelRouteException.NotFound(name.name()));
    };
  }

  /// One page of a route's revisions, the newest first.
  ///
  /// @throws ModelRouteException.NotFound if there is no such route
  Page<ModelRouteRevision> listRevisions(UUID id, PageRequest page);

  /// One revision of a route.
  ///
  /// @throws ModelRouteException.NotFound if there is no such route
  /// @throws ModelRouteException.RevisionNotFound if it has no such revision
  ModelRouteRevision findRevision(UUID id, long revision);

  /// Restores a route to a revision. Creates a new revision unless the route already has that
  /// state.
  ///
  /// @param expected accepts the revisions that may be replaced
  /// @throws ModelRouteException.NotFound if there is no such route
  /// @throws ModelRouteException.RevisionNotFound if it has no such revision
  /// @throws ModelRouteException.Stale if the current revision is not accepted
  /// @throws ModelRouteException.NameTaken if another route has the revision's name
  /// @throws ModelRouteException.TargetGone if a provider or agent of the revision has been deleted
  /// @throws dev.agentlab.errors.InvalidInputException if the route would call itself
  ModelRoute restore(UUID id, long revision, LongPredicate expected);

  /// The latest revision of a route, to choose a target.
  ///
  /// @throws ModelRouteException.NotFound if there is no such route
  /// @throws dev.agentlab.errors.InvalidInputException if this release cannot use the stored
  ///   configuration
  ResolvedRoute resolve(UUID id);
}
