package dev.agentlab.providers;

import dev.agentlab.audit.AuditTrail;
import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.ForeignKeyViolationException;
import dev.agentlab.database.IdempotencyKeys;
import dev.agentlab.database.IdempotencyKeys.Once;
import dev.agentlab.database.UniqueViolationException;
import dev.agentlab.database.Versioned;
import dev.agentlab.errors.NameRule;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.Jsonb;
import dev.agentlab.kinds.ConfigReplacement;
import dev.agentlab.kinds.ConfigSecrets;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.listing.PageRequest;
import dev.agentlab.listing.PageWindow;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.vault.PostgresPlainSecrets;
import dev.agentlab.vault.Vault;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// The registry in PostgreSQL.
final class PostgresProviders implements Providers {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresProviders.class);

  /// What an error names of those who use a provider.
  private static final PageWindow FIRST_DEPENDENTS = new PageWindow(1, 20);

  private final Database database;
  private final ChangeFeed changes;
  private final ProviderKinds kinds;
  private final PageLimits limits;
  private final ProviderDependents use;
  private final ConfigSecrets secrets;
  private final IdempotencyKeys created;
  private final AuditTrail audit;
  private final PostgresProviderRows rows;

  PostgresProviders(
      Database database,
      ChangeFeed changes,
      ProviderKinds kinds,
      PageLimits limits,
      ProviderDependents use,
      Vault vault,
      AuditTrail audit) {
    this.database = database;
    this.changes = changes;
    this.kinds = kinds;
    this.limits = limits;
    rows = new PostgresProviderRows(kinds);
    this.use = use;
    secrets = new ConfigSecrets(vault.dataKeys(), PostgresProviderRows.TABLE);
    created = new IdempotencyKeys("POST /api/providers", vault.mac("idempotency"));
    this.audit = audit;
  }

  @Override
  public Provider create(ProviderInput command, Optional<String> idempotencyKey) {
    Warnings warnings = new Warnings();
    ProviderConfig config =
        NameRule.check(
            command.name(), Optional.empty(), () -> kinds.parse(given(command.config()), warnings));
    Once<Provider> once =
        writing(
            command,
            connection ->
                created.once(
                    connection,
                    idempotencyKey,
                    command,
                    Provider.class,
                    () -> insert(connection, command.name(), config).with(warnings)));
    if (once.made()) {
      log("provider created", once.answer().id(), once.answer().name());
    }
    return once.answer();
  }

  private Provider insert(Connection connection, String name, ProviderConfig config)
      throws SQLException {
    UUID id = UUID.randomUUID();
    ProviderConfig sealed = secrets.sealed(connection, id, config, List.of(), Instant.now());
    CONFIG_SIZE.checkSealed(sealed.stored());
    Provider made = rows.insert(connection, id, name, sealed).shown();
    audit.record(connection, ProviderAuditEntries.created(made, config));
    return made;
  }

  @Override
  public Versioned<Provider> find(UUID id) {
    return database.read(connection -> existing(connection, id)).versioned();
  }

  @Override
  public CallableProvider toCall(UUID id) {
    return database.read(connection -> {
      ProviderRow row = existing(connection, id);
      ProviderConfig config = secrets.opened(connection, id, row.config());
      return new CallableProvider(row.name(), config, row.version());
    });
  }

  @Override
  public ProviderConfig candidate(ProbeInput command) {
    JsonNode given = given(command.config());
    return command
        .providerId()
        .map(id -> destination(kinds.replace(toReplace(id), given)))
        .orElseGet(() -> kinds.parse(given));
  }

  private static JsonNode given(GivenConfig config) {
    CONFIG_SIZE.check(config.json());
    return config.json();
  }

  private ProviderConfig toReplace(UUID id) {
    return database.read(
        connection -> secrets.openedToReplace(connection, id, existing(connection, id).config()));
  }

  @Override
  public Versioned<Provider> replace(UUID id, ProviderInput command, LongPredicate expected) {
    Database.Work<Versioned<Provider>> work =
        connection -> {
          Warnings warnings = new Warnings();
          ProviderRow old = expectedRow(connection, id, expected);
          ProviderConfig before = secrets.openedToReplace(connection, id, old.config());
          ProviderConfig config =
              NameRule.check(
                  command.name(),
                  Optional.of(old.name()),
                  () -> destination(kinds.replace(before, given(command.config()), warnings)));
          ProviderConfig sealed =
              secrets.sealed(connection, id, config, List.of(old.config()), Instant.now());
          CONFIG_SIZE.checkSealed(sealed.stored());
          Versioned<Provider> now = rows.update(connection, id, command.name(), sealed).versioned();
          audit.record(
              connection, ProviderAuditEntries.replaced(old.shown(), before, now.value(), config));
          return new Versioned<>(now.value().with(warnings), now.version());
        };
    Versioned<Provider> changed =
        changes.changing(PostgresProviderRows.TABLE, id, () -> writing(command, work));
    log("provider replaced", id, command.name());
    return changed;
  }

  private static ProviderConfig destination(ConfigReplacement replacement) {
    if (!replacement.movedSecrets().isEmpty()) {
      throw new ProviderException.SecretRequired(String.join(", ", replacement.movedSecrets()));
    }
    return replacement.config();
  }

  @Override
  public void delete(UUID id, LongPredicate expected) {
    Database.Work<ProviderRow> work =
        connection -> {
          ProviderRow row = expectedRow(connection, id, expected);
          ProviderConfig config = secrets.openedToReplace(connection, id, row.config());
          rows.delete(connection, id);
          audit.record(connection, ProviderAuditEntries.deleted(row.shown(), config));
          return row;
        };
    ProviderRow gone;
    try {
      gone = changes.changing(PostgresProviderRows.TABLE, id, () -> database.write(work));
    } catch (ForeignKeyViolationException e) {
      throw new ProviderException.InUse(id, use.of(id, FIRST_DEPENDENTS));
    }
    log("provider deleted", id, gone.name());
  }

  @Override
  public Page<Provider> search(SearchRequest request) {
    return database
        .read(connection -> rows.page(connection, request, limits))
        .map(ProviderRow::shown);
  }

  @Override
  public Optional<UUID> idOf(String name) {
    if (!Jsonb.isStorable(name)) {
      return Optional.empty();
    }
    return database.read(connection -> rows.idOf(connection, name));
  }

  @Override
  public Dependents dependents(UUID id, PageRequest page) {
    find(id);
    return use.of(id, limits.window(page));
  }

  @Override
  public void sealPlainSecrets() throws InterruptedException {
    new PostgresPlainSecrets<>(
            database, PostgresProviderRows.TABLE, new PostgresPlainProviders(rows, secrets))
        .seal();
  }

  private ProviderRow expectedRow(Connection connection, UUID id, LongPredicate expected)
      throws SQLException {
    ProviderRow row =
        rows.lock(connection, id).orElseThrow(() -> new ProviderException.NotFound(id));
    if (!expected.test(row.version())) {
      throw new ProviderException.Stale(id, row.version());
    }
    return row;
  }

  private ProviderRow existing(Connection connection, UUID id) throws SQLException {
    return rows.find(connection, id).orElseThrow(() -> new ProviderException.NotFound(id));
  }

  /// One transaction whose only unique name is the command's.
  private <T> T writing(ProviderInput command, Database.Work<T> work) {
    try {
      return database.write(work);
    } catch (UniqueViolationException e) {
      throw new ProviderException.NameTaken(command.name());
    }
  }

  private static void log(String event, UUID id, String name) {
    LOG.atInfo().addKeyValue("id", id).addKeyValue("name", name).log(event);
  }
}
