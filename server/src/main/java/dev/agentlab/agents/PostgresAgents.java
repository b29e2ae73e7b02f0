package dev.agentlab.agents;

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
import dev.agentlab.json.JsonbValidator;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRange;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.resources.PostgresRouteCircles;
import dev.agentlab.vault.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The PostgreSQL-backed agent registry.
final class PostgresAgents implements Agents {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresAgents.class);

  /// The dependents that an error message lists.
  private static final PageRange FIRST_DEPENDENTS_PAGE = new PageRange(1, 20);

  private final Database database;
  private final ChangeFeed changes;
  private final ProviderKinds kinds;
  private final AgentConfigParser parser;
  private final AgentValidator validator;
  private final RouteLookup routes;
  private final PageLimits limits;
  private final PostgresAgentSecrets secrets;
  private final IdempotentResponses idempotencyKeys;
  private final AuditTrail audit;
  private final AgentAuditEntries auditEntries;

  PostgresAgents(
      Database database,
      ChangeFeed changes,
      ProviderKinds kinds,
      PageLimits limits,
      ProviderLookup providers,
      RouteLookup routes,
      Vault vault,
      AuditTrail audit) {
    this.database = database;
    this.changes = changes;
    this.kinds = kinds;
    this.parser = new AgentConfigParser(kinds);
    this.validator = new AgentValidator(parser, providers, routes);
    this.routes = routes;
    this.limits = limits;
    secrets = new PostgresAgentSecrets(vault.dataKeys(), kinds);
    idempotencyKeys = new IdempotentResponses("POST /api/agents", vault.keyedHash("idempotency"));
    this.audit = audit;
    auditEntries = new AgentAuditEntries(kinds);
  }

  @Override
  public Agent create(AgentInput input, Optional<String> idempotencyKey) {
    Warnings warnings = new Warnings();
    NamedReferences named = validator.findReferences(input);
    StoredAgentConfig config =
        validator.validate(input, named, Optional.empty(), Optional.empty(), warnings);
    validator.nameWarnings(input.name()).forEach(it -> warnings.add("name", it));
    validator
        .unlistedModelWarning(input, named)
        .ifPresent(it -> warnings.add("config.model.name", it));
    UUID id = UUID.randomUUID();
    Database.Work<IdempotentResult<Agent>> work =
        connection ->
            idempotencyKeys.executeOnce(
                connection,
                idempotencyKey,
                input,
                Agent.class,
                () ->
                    insert(connection, id, input.name(), config)
                        .toAgent(kinds, named.routeNames())
                        .withWarnings(warnings));
    // Caches may know that no agent has the name.
    IdempotentResult<Agent> once =
        changes.invalidateAfter(PostgresAgentRows.TABLE, id, () -> write(input, work));
    if (once.isNew()) {
      logChange("agent created", once.response());
    }
    return once.response();
  }

  private AgentRow insert(Connection connection, UUID id, String name, StoredAgentConfig config)
      throws SQLException {
    StoredAgentConfig encrypted = secrets.encryptNew(connection, id, config, Instant.now());
    CONFIG_SIZE.validateEncrypted(encrypted.json());
    AgentRow inserted = PostgresAgentRows.insert(connection, id, name, encrypted);
    audit.record(connection, auditEntries.created(inserted.withConfig(config)));
    return inserted;
  }

  @Override
  public Agent find(UUID id) {
    return show(database.read(connection -> requireRow(connection, id)));
  }

  @Override
  public Agent replace(UUID id, AgentInput input, LongPredicate expected) {
    // Resolved before the transaction: with a pool of one connection, a query within it would
    // block.
    NamedReferences named = validator.findReferences(input);
    List<String> nameWarnings = validator.nameWarnings(input.name());
    Optional<String> unlisted = validator.unlistedModelWarning(input, named);
    Database.Work<Agent> work =
        connection -> {
          if (AgentValidator.hasRoute(input)) {
            PostgresRouteCircles.lock(connection);
          }
          AgentRow old = lockExpected(connection, id, expected);
          StoredAgentConfig before = secrets.decryptForReplacement(connection, id, old.config());
          Warnings warnings = new Warnings();
          StoredAgentConfig config =
              validator.validate(
                  input, named, Optional.of(old.name()), Optional.of(before), warnings);
          if (!old.name().equals(input.name())) {
            nameWarnings.forEach(it -> warnings.add("name", it));
          }
          unlisted
              .filter(_ -> AgentValidator.callsAnother(old.config(), config))
              .ifPresent(it -> warnings.add("config.model.name", it));
          AgentRow updated = update(connection, old, input.name(), config, List.of(old.config()));
          requireNoCircle(connection, updated, AgentValidator.referenceField(input, "route"));
          if (updated.version() != old.version()) {
            CONFIG_SIZE.validateEncrypted(updated.config().json());
            audit.record(
                connection,
                auditEntries.replaced(old.withConfig(before), updated.withConfig(config)));
          }
          return updated.toAgent(kinds, named.routeNames()).withWarnings(warnings);
        };
    Agent changed = changes.invalidateAfter(PostgresAgentRows.TABLE, id, () -> write(input, work));
    logChange("agent replaced", changed);
    return changed;
  }

  /// @param field the field of the request with the route
  private static void requireNoCircle(Connection connection, AgentRow updated, String field)
      throws SQLException {
    if (updated.config().routeId().isPresent()) {
      PostgresRouteCircles.find(connection, updated.id())
          .ifPresent(circle -> {
            throw new InvalidInputException(
                field, "closes a circle: %s; no call would reach a model".formatted(circle.path()));
          });
    }
  }

  /// @param config with plaintext secrets
  /// @param before stored configurations of the agent
  private AgentRow update(
      Connection connection,
      AgentRow old,
      String name,
      StoredAgentConfig config,
      List<StoredAgentConfig> before)
      throws SQLException {
    StoredAgentConfig encrypted =
        secrets.encrypt(connection, old.id(), config, before, Instant.now());
    return PostgresAgentRows.update(connection, old.id(), name, encrypted).orElse(old);
  }

  @Override
  public void check(AgentConfigInput config) {
    validator.validateCandidate(config);
  }

  @Override
  public void delete(UUID id, LongPredicate expected) {
    Database.Work<AgentRow> work =
        connection -> {
          AgentRow row = lockExpected(connection, id, expected);
          StoredAgentConfig config = secrets.decryptForReplacement(connection, id, row.config());
          PostgresAgentRows.delete(connection, id);
          audit.record(connection, auditEntries.deleted(row.withConfig(config)));
          return row;
        };
    AgentRow deleted;
    try {
      deleted = changes.invalidateAfter(PostgresAgentRows.TABLE, id, () -> database.write(work));
    } catch (ForeignKeyViolationException e) {
      throw new AgentException.InUse(
          id, routes.findDependents(id, FIRST_DEPENDENTS_PAGE), e.constraint());
    }
    logChange("agent deleted", deleted.toAgent(kinds, RouteNames.NONE));
  }

  @Override
  public AgentDependents dependents(UUID id, PageRequest page) {
    find(id);
    return routes.findDependents(id, limits.window(page));
  }

  @Override
  public Page<Agent> search(SearchRequest request) {
    Page<AgentRow> page =
        database.read(connection -> PostgresAgentRows.page(connection, request, limits));
    RouteNames names = RouteNames.find(routes, page.data().stream().map(AgentRow::config).toList());
    return page.map(row -> row.toAgent(kinds, names));
  }

  @Override
  public long count() {
    return database.read(PostgresAgentRows::count);
  }

  @Override
  public Page<AgentRevision> listRevisions(UUID id, PageRequest request) {
    PageRange window = limits.window(request);
    Page<AgentRevisionRow> page =
        database.read(connection -> {
          requireRow(connection, id);
          return PostgresAgentRows.REVISIONS.page(connection, id, window);
        });
    RouteNames names =
        RouteNames.find(routes, page.data().stream().map(AgentRevisionRow::config).toList());
    return page.map(row -> row.toRevision(kinds, names));
  }

  @Override
  public AgentRevision findRevision(UUID id, long revision) {
    AgentRevisionRow row =
        database.read(connection -> requireRevisionRow(connection, id, revision));
    return row.toRevision(kinds, RouteNames.find(routes, List.of(row.config())));
  }

  @Override
  public Agent restore(UUID id, long revision, LongPredicate expected) {
    AgentRevisionRow target =
        database.read(connection -> requireRevisionRow(connection, id, revision));
    Database.Work<AgentRow> work =
        connection -> {
          if (target.config().routeId().isPresent()) {
            PostgresRouteCircles.lock(connection);
          }
          AgentRow old = lockExpected(connection, id, expected);
          StoredAgentConfig config = secrets.decryptForReplacement(connection, id, target.config());
          List<StoredAgentConfig> before = List.of(old.config(), target.config());
          StoredAgentConfig oldDecrypted =
              secrets.decryptForReplacement(connection, id, old.config());
          AgentRow updated = update(connection, old, target.name(), config, before);
          requireNoCircle(connection, updated, "config.route");
          if (updated.version() != old.version()) {
            audit.record(
                connection,
                auditEntries.restored(
                    old.withConfig(oldDecrypted), updated.withConfig(config), revision));
          }
          return updated;
        };
    try {
      Agent restored =
          show(changes.invalidateAfter(PostgresAgentRows.TABLE, id, () -> database.write(work)));
      logChange("agent restored", restored);
      return restored;
    } catch (UniqueViolationException e) {
      throw new AgentException.NameTaken(target.name());
    } catch (ForeignKeyViolationException e) {
      throw gone(revision, target.config());
    }
  }

  private static AgentException gone(long revision, StoredAgentConfig config) {
    return config
        .routeId()
        .<AgentException>map(route -> new AgentException.RouteGone(revision, route))
        .orElseGet(
            () -> new AgentException.ProviderGone(revision, config.providerId().orElseThrow()));
  }

  private Agent show(AgentRow row) {
    return row.toAgent(kinds, RouteNames.find(routes, List.of(row.config())));
  }

  @Override
  public List<AgentEntry> list(int limit) {
    return database.read(connection -> PostgresAgentRows.list(connection, limit));
  }

  @Override
  public List<AgentEntry> list(Set<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : database.read(connection -> PostgresAgentRows.list(connection, ids));
  }

  @Override
  public Optional<UUID> findId(IdOrName agent) {
    return switch (agent) {
      case IdOrName.Id(UUID id) ->
          database.read(connection -> PostgresAgentRows.find(connection, id)).map(AgentRow::id);
      case IdOrName.Name(String name) ->
          JsonbValidator.isStorable(name)
              ? database.read(connection -> PostgresAgentRows.findId(connection, name))
              : Optional.empty();
    };
  }

  @Override
  public ResolvedAgent resolve(UUID id, Optional<Long> revision) {
    AgentRevisionRow row =
        database.read(connection -> {
          AgentRevisionRow stored =
              revision.isPresent()
                  ? requireRevisionRow(connection, id, revision.get())
                  : requireRow(connection, id).toRevision();
          return stored.withConfig(secrets.decrypt(connection, id, stored.config()));
        });
    return new ResolvedAgent(id, row.name(), row.revision(), parser.parseStored(row.config()));
  }

  private AgentRow lockExpected(Connection connection, UUID id, LongPredicate expected)
      throws SQLException {
    AgentRow row =
        PostgresAgentRows.lock(connection, id).orElseThrow(() -> new AgentException.NotFound(id));
    if (!expected.test(row.version())) {
      throw new AgentException.Stale(id, row.version());
    }
    return row;
  }

  private static AgentRow requireRow(Connection connection, UUID id) throws SQLException {
    return PostgresAgentRows.find(connection, id)
        .orElseThrow(() -> new AgentException.NotFound(id));
  }

  private static AgentRevisionRow requireRevisionRow(Connection connection, UUID id, long revision)
      throws SQLException {
    Optional<AgentRevisionRow> row = PostgresAgentRows.REVISIONS.find(connection, id, revision);
    if (row.isEmpty()) {
      requireRow(connection, id);
    }
    return row.orElseThrow(() -> new AgentException.RevisionNotFound(id, revision));
  }

  /// Runs a transaction in which only the name can violate a unique constraint, and only the
  /// provider or the route a foreign key.
  private <T> T write(AgentInput input, Database.Work<T> work) {
    try {
      return database.write(work);
    } catch (UniqueViolationException e) {
      throw new AgentException.NameTaken(input.name());
    } catch (ForeignKeyViolationException e) {
      String kind = AgentValidator.hasRoute(input) ? "route" : "provider";
      throw new InvalidInputException(
          AgentValidator.referenceField(input, kind), "there is no such " + kind);
    }
  }

  private static void logChange(String event, Agent agent) {
    LOG.atInfo()
        .addKeyValue("id", agent.id())
        .addKeyValue("name", agent.name())
        .addKeyValue("revision", agent.revision())
        .log(event);
  }
}
