package dev.agentlab.providers;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.ForeignKeyViolationException;
import dev.agentlab.database.FreshCache;
import dev.agentlab.database.IdempotentResponses;
import dev.agentlab.database.IdempotentResponses.IdempotentResult;
import dev.agentlab.database.RowCache;
import dev.agentlab.database.UniqueViolationException;
import dev.agentlab.database.Versioned;
import dev.agentlab.errors.Warnings;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.json.JsonbValidator;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.Model;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRange;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.vault.PostgresConfigSecrets;
import dev.agentlab.vault.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The PostgreSQL-backed provider registry.
final class PostgresProviders implements Providers {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresProviders.class);

  /// The only key of the cached list of all providers.
  private static final String ALL = "all";

  /// The dependents that an error message lists.
  private static final PageRange FIRST_DEPENDENTS_PAGE = new PageRange(1, 20);

  private final Database database;
  private final ChangeFeed changes;
  private final ProviderKinds kinds;
  private final ProviderValidator validator;
  private final PageLimits limits;
  private final DependentLookup dependents;
  private final PostgresConfigSecrets secrets;
  private final IdempotentResponses idempotencyKeys;
  private final AuditTrail audit;
  private final PostgresProviderRows rows;
  private final RowCache<ResolvedProvider> resolved;
  private final FreshCache<String, List<ProviderEntry>> entries;
  private final FreshCache<String, Optional<UUID>> idsByName;
  private final SharedModelDetector sharedModels;

  PostgresProviders(
      Database database,
      ChangeFeed changes,
      ProviderKinds kinds,
      PageLimits limits,
      DependentLookup dependents,
      Supplier<Map<UUID, List<Model>>> cachedModels,
      Vault vault,
      AuditTrail audit) {
    this.database = database;
    this.changes = changes;
    this.kinds = kinds;
    validator = new ProviderValidator(kinds);
    this.limits = limits;
    rows = new PostgresProviderRows(kinds);
    this.dependents = dependents;
    secrets = new PostgresConfigSecrets(vault.dataKeys(), PostgresProviderRows.TABLE);
    idempotencyKeys =
        new IdempotentResponses("POST /api/providers", vault.keyedHash("idempotency"));
    this.audit = audit;
    resolved = new RowCache<>(changes, PostgresProviderRows.TABLE, this::load);
    entries =
        new FreshCache<>(changes, PostgresProviderRows.TABLE, _ -> database.read(rows::entries));
    idsByName = new FreshCache<>(changes, PostgresProviderRows.TABLE, this::findId);
    sharedModels = new SharedModelDetector(cachedModels);
  }

  @Override
  public Provider create(ProviderInput input, Optional<String> idempotencyKey) {
    Warnings warnings = new Warnings();
    ProviderConfig config = validator.validate(input, warnings);
    // A new provider is younger than all others.
    warnAboutSharedModels(
        UUID.randomUUID(), input, config, Instant.MAX, readEntriesIfNeeded(input), warnings);
    UUID id = UUID.randomUUID();
    Database.Work<IdempotentResult<Provider>> work =
        connection ->
            idempotencyKeys.executeOnce(
                connection,
                idempotencyKey,
                input,
                Provider.class,
                () -> insert(connection, id, input.name(), config).withWarnings(warnings));
    // Caches may know that no provider has the name.
    IdempotentResult<Provider> once =
        changes.invalidateAfter(PostgresProviderRows.TABLE, id, () -> write(input, work));
    if (once.isNew()) {
      log("provider created", once.response().id(), once.response().name());
    }
    return once.response();
  }

  private Provider insert(Connection connection, UUID id, String name, ProviderConfig config)
      throws SQLException {
    ProviderConfig sealed = secrets.encryptNew(connection, id, config, Instant.now());
    CONFIG_SIZE.validateEncrypted(sealed.stored());
    Provider provider = rows.insert(connection, id, name, sealed).toProvider();
    audit.record(connection, ProviderAuditEntries.created(provider, config));
    return provider;
  }

  @Override
  public Versioned<Provider> find(UUID id) {
    return database.read(connection -> requireRow(connection, id)).toVersioned();
  }

  @Override
  public ResolvedProvider resolve(UUID id) {
    return resolved.get(id);
  }

  @Override
  public Optional<ResolvedProvider> resolveCached(UUID id) {
    return resolved.getIfCached(id);
  }

  @Override
  public Optional<ResolvedProvider> resolve(String name) {
    try {
      return Completions.join(idsByName.get(name)).map(this::resolve);
    } catch (ProviderException.NotFound e) {
      // Deleted in the meantime.
      return Optional.empty();
    }
  }

  @Override
  public Optional<Optional<UUID>> findIdCached(String name) {
    return idsByName.getIfCached(name);
  }

  @Override
  public CompletableFuture<List<ProviderEntry>> entries() {
    return entries.get(ALL);
  }

  private ResolvedProvider load(UUID id) {
    return database.read(connection -> {
      ProviderRow row = requireRow(connection, id);
      ProviderConfig config = secrets.decrypt(connection, id, row.config());
      return ResolvedProvider.registered(kinds, id, row.name(), row.version(), config);
    });
  }

  @Override
  public CallableProvider resolveCandidate(ProbeInput input) {
    return kinds.build(
        validator.validateCandidate(
            input.config(), input.providerId().map(this::loadForReplacement)));
  }

  private ProviderConfig loadForReplacement(UUID id) {
    return database.read(connection ->
        secrets.decryptForReplacement(connection, id, requireRow(connection, id).config()));
  }

  @Override
  public Versioned<Provider> replace(UUID id, ProviderInput input, LongPredicate expected) {
    // Read before the transaction: with a pool of one connection, a query within it would block.
    List<ProviderEntry> others = readEntriesIfNeeded(input);
    Database.Work<Versioned<Provider>> work =
        connection -> {
          Warnings warnings = new Warnings();
          ProviderRow old = lockExpected(connection, id, expected);
          ProviderConfig before = secrets.decryptForReplacement(connection, id, old.config());
          ProviderConfig config =
              validator.validateReplacement(input, old.name(), before, warnings);
          warnAboutSharedModels(id, input, config, old.createdAt(), others, warnings);
          ProviderConfig sealed =
              secrets.encrypt(connection, id, config, List.of(old.config()), Instant.now());
          CONFIG_SIZE.validateEncrypted(sealed.stored());
          Versioned<Provider> after =
              rows.update(connection, id, input.name(), sealed).toVersioned();
          audit.record(
              connection,
              ProviderAuditEntries.replaced(old.toProvider(), before, after.value(), config));
          return new Versioned<>(after.value().withWarnings(warnings), after.version());
        };
    Versioned<Provider> replaced =
        changes.invalidateAfter(PostgresProviderRows.TABLE, id, () -> write(input, work));
    log("provider replaced", id, input.name());
    return replaced;
  }

  @Override
  public void delete(UUID id, LongPredicate expected) {
    Database.Work<ProviderRow> work =
        connection -> {
          ProviderRow row = lockExpected(connection, id, expected);
          ProviderConfig config = secrets.decryptForReplacement(connection, id, row.config());
          rows.delete(connection, id);
          audit.record(connection, ProviderAuditEntries.deleted(row.toProvider(), config));
          return row;
        };
    ProviderRow deleted;
    try {
      deleted = changes.invalidateAfter(PostgresProviderRows.TABLE, id, () -> database.write(work));
    } catch (ForeignKeyViolationException e) {
      throw new ProviderException.InUse(id, dependents.find(id, FIRST_DEPENDENTS_PAGE));
    }
    log("provider deleted", id, deleted.name());
  }

  @Override
  public Page<Provider> search(SearchRequest request) {
    return database
        .read(connection -> rows.page(connection, request, limits))
        .map(ProviderRow::toProvider);
  }

  @Override
  public long count() {
    return database.read(PostgresProviderRows::count);
  }

  @Override
  public Optional<UUID> findId(String name) {
    if (!JsonbValidator.isStorable(name)) {
      return Optional.empty();
    }
    return database.read(connection -> rows.findId(connection, name));
  }

  @Override
  public Map<UUID, String> findNames(Set<UUID> ids) {
    return database.read(connection -> PostgresProviderRows.findNames(connection, ids));
  }

  @Override
  public Dependents dependents(UUID id, PageRequest page) {
    find(id);
    return dependents.find(id, limits.window(page));
  }

  private ProviderRow lockExpected(Connection connection, UUID id, LongPredicate expected)
      throws SQLException {
    ProviderRow row =
        rows.lock(connection, id).orElseThrow(() -> new ProviderException.NotFound(id));
    if (!expected.test(row.version())) {
      throw new ProviderException.Stale(id, row.version());
    }
    return row;
  }

  private ProviderRow requireRow(Connection connection, UUID id) throws SQLException {
    return rows.find(connection, id).orElseThrow(() -> new ProviderException.NotFound(id));
  }

  /// All providers, if the input names models.
  private List<ProviderEntry> readEntriesIfNeeded(ProviderInput input) {
    return input.config().json().at("/options/models").isArray()
        ? database.read(rows::entries)
        : List.of();
  }

  private void warnAboutSharedModels(
      UUID id,
      ProviderInput input,
      ProviderConfig config,
      Instant createdAt,
      List<ProviderEntry> all,
      Warnings warnings) {
    sharedModels.warn(
        new ProviderEntry(
            id, input.name(), config.name(), config.priority(), config.models(), createdAt),
        all,
        warnings);
  }

  /// Runs a transaction in which a unique violation means that the name is taken.
  private <T> T write(ProviderInput input, Database.Work<T> work) {
    try {
      return database.write(work);
    } catch (UniqueViolationException e) {
      throw new ProviderException.NameTaken(input.name());
    }
  }

  private static void log(String event, UUID id, String name) {
    LOG.atInfo().addKeyValue("id", id).addKeyValue("name", name).log(event);
  }
}
