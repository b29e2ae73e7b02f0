package dev.agentlab.routing;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.ForeignKeyViolationException;
import dev.agentlab.database.IdempotentResponses;
import dev.agentlab.database.IdempotentResponses.IdempotentResult;
import dev.agentlab.database.UniqueViolationException;
import dev.agentlab.errors.IdOrName;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.Json;
import dev.agentlab.json.JsonbValidator;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRange;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.resources.PostgresRouteCircles;
import dev.agentlab.vault.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The PostgreSQL-backed registry of model routes. Looks up providers and agents outside of
/// transactions: with a pool of one connection, a query within one would block.
final class PostgresModelRoutes implements ModelRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresModelRoutes.class);

  /// The dependents that an error message lists.
  private static final PageRange FIRST_DEPENDENTS_PAGE = new PageRange(1, 20);

  private final Database database;
  private final ChangeFeed changes;
  private final PageLimits limits;
  private final TargetLookup targets;
  private final RouteDependentLookup dependents;
  private final ModelRouteValidator validator;
  private final IdempotentResponses idempotencyKeys;
  private final AuditTrail audit;

  PostgresModelRoutes(
      Database database,
      ChangeFeed changes,
      PageLimits limits,
      TargetLookup targets,
      RouteDependentLookup dependents,
      Vault vault,
      AuditTrail audit) {
    this.database = database;
    this.changes = changes;
    this.limits = limits;
    this.targets = targets;
    this.dependents = dependents;
    validator = new ModelRouteValidator(targets);
    idempotencyKeys = new IdempotentResponses("POST /api/routes", vault.keyedHash("idempotency"));
    this.audit = audit;
  }

  @Override
  public ModelRoute create(ModelRouteInput input, Optional<String> idempotencyKey) {
    Warnings warnings = new Warnings();
    ObjectNode config = validator.validate(input, Optional.empty(), warnings).toJson();
    TargetNames names = TargetNames.find(targets, List.of(config));
    UUID id = UUID.randomUUID();
    Database.Work<IdempotentResult<ModelRoute>> work =
        connection ->
            idempotencyKeys.executeOnce(
                connection,
                idempotencyKey,
                input,
                ModelRoute.class,
                () ->
                    insert(connection, id, input.name(), config)
                        .toRoute(names)
                        .withWarnings(warnings));
    // Caches may know that no route has the name.
    IdempotentResult<ModelRoute> once =
        changes.invalidateAfter(TABLE, id, () -> write(input, work));
    if (once.isNew()) {
      logChange("route created", once.response());
    }
    return once.response();
  }

  private ModelRouteRow insert(Connection connection, UUID id, String name, ObjectNode config)
      throws SQLException {
    ModelRouteRow inserted = PostgresModelRouteRows.insert(connection, id, name, config);
    audit.record(connection, ModelRouteAuditEntries.created(inserted));
    return inserted;
  }

  @Override
  public ModelRoute find(UUID id) {
    return show(database.read(connection -> requireRow(connection, id)));
  }

  @Override
  public ModelRoute replace(UUID id, ModelRouteInput input, LongPredicate expected) {
    ModelRouteRow present = database.read(connection -> requireRow(connection, id));
    requireExpected(present, expected);
    Warnings warnings = new Warnings();
    ObjectNode config = validator.validate(input, Optional.of(present), warnings).toJson();
    TargetNames names = TargetNames.find(targets, List.of(config));
    Database.Work<ModelRoute> work =
        connection -> {
          lockCircles(connection, config);
          ModelRouteRow old = lockExpected(connection, id, expected);
          ModelRouteRow updated =
              PostgresModelRouteRows.update(connection, id, input.name(), config).orElse(old);
          requireNoCircle(connection, updated, input.config().json());
          if (updated.version() != old.version()) {
            audit.record(connection, ModelRouteAuditEntries.replaced(old, updated));
          }
          return updated.toRoute(names).withWarnings(warnings);
        };
    ModelRoute changed = changes.invalidateAfter(TABLE, id, () -> write(input, work));
    logChange("route replaced", changed);
    return changed;
  }

  private static void lockCircles(Connection connection, ObjectNode config) throws SQLException {
    if (callsAgents(config)) {
      PostgresRouteCircles.lock(connection);
    }
  }

  /// @param given the configuration of the request, if it has one
  private static void requireNoCircle(Connection connection, ModelRouteRow updated, JsonNode given)
      throws SQLException {
    if (!callsAgents(updated.config())) {
      return;
    }
    PostgresRouteCircles.find(connection, updated.id())
        .ifPresent(circle -> {
          int target = agentIds(updated.config()).indexOf(circle.ids().get(1).toString());
          boolean isById = given.at("/targets/%d/agent".formatted(target)).isMissingNode();
          throw new InvalidInputException(
              "config.targets[%d].%s"
                  .formatted(target, isById && given.has("targets") ? "agent_id" : "agent"),
              "closes a circle: %s; no call would reach a model".formatted(circle.path()));
        });
  }

  private static boolean callsAgents(ObjectNode config) {
    return agentIds(config).stream().anyMatch(id -> !id.isEmpty());
  }

  /// The id of the agent of each target; empty for another target.
  private static List<String> agentIds(ObjectNode config) {
    return config
        .path("targets")
        .valueStream()
        .map(target -> target.path("agent_id").stringValue(""))
        .toList();
  }

  @Override
  public void check(ModelRouteConfigInput config) {
    validator.validateCandidate(config);
  }

  @Override
  public void delete(UUID id, LongPredicate expected) {
    Database.Work<ModelRouteRow> work =
        connection -> {
          ModelRouteRow row = lockExpected(connection, id, expected);
          PostgresModelRouteRows.delete(connection, id);
          audit.record(connection, ModelRouteAuditEntries.deleted(row));
          return row;
        };
    ModelRouteRow deleted;
    try {
      deleted = changes.invalidateAfter(TABLE, id, () -> database.write(work));
    } catch (ForeignKeyViolationException e) {
      throw new ModelRouteException.InUse(id, dependents.find(id, FIRST_DEPENDENTS_PAGE));
    }
    logChange("route deleted", deleted.toRoute(TargetNames.NONE));
  }

  @Override
  public RouteDependents dependents(UUID id, PageRequest page) {
    var _ = database.read(connection -> requireRow(connection, id));
    return dependents.find(id, limits.window(page));
  }

  @Override
  public Page<ModelRoute> search(SearchRequest request) {
    Page<ModelRouteRow> page =
        database.read(connection -> PostgresModelRouteRows.page(connection, request, limits));
    TargetNames names =
        TargetNames.find(targets, page.data().stream().map(ModelRouteRow::config).toList());
    return page.map(row -> row.toRoute(names));
  }

  @Override
  public long count() {
    return database.read(PostgresModelRouteRows::count);
  }

  @Override
  public List<ModelRouteEntry> list(int limit) {
    return database.read(connection -> PostgresModelRouteRows.list(connection, limit));
  }

  @Override
  public List<ModelRouteEntry> list(Set<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : database.read(connection -> PostgresModelRouteRows.list(connection, ids));
  }

  @Override
  public Optional<UUID> findId(IdOrName route) {
    return switch (route) {
      case IdOrName.Id(UUID id) ->
          database
              .read(connection -> PostgresModelRouteRows.find(connection, id))
              .map(ModelRouteRow::id);
      case IdOrName.Name(String name) ->
          JsonbValidator.isStorable(name)
              ? database.read(connection -> PostgresModelRouteRows.findId(connection, name))
              : Optional.empty();
    };
  }

  @Override
  public Page<ModelRouteRevision> listRevisions(UUID id, PageRequest request) {
    PageRange window = limits.window(request);
    Page<ModelRouteRevisionRow> page =
        database.read(connection -> {
          requireRow(connection, id);
          return PostgresModelRouteRows.REVISIONS.page(connection, id, window);
        });
    TargetNames names =
        TargetNames.find(targets, page.data().stream().map(ModelRouteRevisionRow::config).toList());
    return page.map(row -> row.toRevision(names));
  }

  @Override
  public ModelRouteRevision findRevision(UUID id, long revision) {
    ModelRouteRevisionRow row =
        database.read(connection -> requireRevisionRow(connection, id, revision));
    return row.toRevision(TargetNames.find(targets, List.of(row.config())));
  }

  @Override
  public ModelRoute restore(UUID id, long revision, LongPredicate expected) {
    ModelRouteRevisionRow target =
        database.read(connection -> requireRevisionRow(connection, id, revision));
    Database.Work<ModelRouteRow> work =
        connection -> {
          lockCircles(connection, target.config());
          ModelRouteRow old = lockExpected(connection, id, expected);
          ModelRouteRow updated =
              PostgresModelRouteRows.update(connection, id, target.name(), target.config())
                  .orElse(old);
          requireNoCircle(connection, updated, Json.MAPPER.missingNode());
          if (updated.version() != old.version()) {
            audit.record(connection, ModelRouteAuditEntries.restored(old, updated, revision));
          }
          return updated;
        };
    try {
      ModelRoute restored = show(changes.invalidateAfter(TABLE, id, () -> database.write(work)));
      logChange("route restored", restored);
      return restored;
    } catch (UniqueViolationException e) {
      throw new ModelRouteException.NameTaken(target.name());
    } catch (ForeignKeyViolationException e) {
      throw new ModelRouteException.TargetGone(
          revision, TargetNames.find(targets, List.of(target.config())).missing(target.config()));
    }
  }

  @Override
  public ResolvedRoute resolve(UUID id) {
    ModelRouteRow row = database.read(connection -> requireRow(connection, id));
    return new ResolvedRoute(
        id, row.name(), row.version(), ModelRouteConfigParser.parseStored(row.config()));
  }

  private ModelRoute show(ModelRouteRow row) {
    return row.toRoute(TargetNames.find(targets, List.of(row.config())));
  }

  private static ModelRouteRow lockExpected(Connection connection, UUID id, LongPredicate expected)
      throws SQLException {
    ModelRouteRow row =
        PostgresModelRouteRows.lock(connection, id)
            .orElseThrow(() -> new ModelRouteException.NotFound(id));
    requireExpected(row, expected);
    return row;
  }

  private static void requireExpected(ModelRouteRow row, LongPredicate expected) {
    if (!expected.test(row.version())) {
      throw new ModelRouteException.Stale(row.id(), row.version());
    }
  }

  private static ModelRouteRow requireRow(Connection connection, UUID id) throws SQLException {
    return PostgresModelRouteRows.find(connection, id)
        .orElseThrow(() -> new ModelRouteException.NotFound(id));
  }

  private static ModelRouteRevisionRow requireRevisionRow(
      Connection connection, UUID id, long revision) throws SQLException {
    Optional<ModelRouteRevisionRow> row =
        PostgresModelRouteRows.REVISIONS.find(connection, id, revision);
    if (row.isEmpty()) {
      requireRow(connection, id);
    }
    return row.orElseThrow(() -> new ModelRouteException.RevisionNotFound(id, revision));
  }

  /// Runs a transaction in which only the name can violate a unique constraint, and only a target a
  /// foreign key.
  private <T> T write(ModelRouteInput input, Database.Work<T> work) {
    try {
      return database.write(work);
    } catch (UniqueViolationException e) {
      throw new ModelRouteException.NameTaken(input.name());
    } catch (ForeignKeyViolationException e) {
      throw new InvalidInputException(
          "config.targets", "a provider or agent of a target was deleted a moment ago");
    }
  }

  private static void logChange(String event, ModelRoute route) {
    LOG.atInfo()
        .addKeyValue("id", route.id())
        .addKeyValue("name", route.name())
        .addKeyValue("revision", route.revision())
        .log(event);
  }
}
