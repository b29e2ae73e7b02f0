package dev.agentlab.providers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.ModelSelection;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.testing.Await;
import dev.agentlab.vault.TestVault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The list of all providers, in two replicas on a real PostgreSQL.
class ProviderEntriesIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final DatabaseSettings settings = TestPostgres.migratedDatabase();
  private final Replica replica = new Replica(settings);
  private final Replica other = new Replica(settings);

  private static final class Replica {
    private final Database database;
    private final ChangeFeed changes;
    private final Providers providers;

    Replica(DatabaseSettings settings) {
      database = TestPostgres.start(settings);
      changes = new ChangeFeed(database);
      providers =
          Providers.of(
              database,
              changes,
              ProviderKinds.standard(),
              new PageLimits(20, 100),
              (_, _) -> new Dependents(List.of(), List.of(), 0),
              Map::of,
              TestVault.start(database),
              (_, _) -> {});
    }

    void stop() throws Exception {
      changes.stop(TIMEOUT);
      database.stop(TIMEOUT);
    }

    List<String> names() {
      return Await.result(providers.entries()).stream().map(ProviderEntry::name).toList();
    }
  }

  @BeforeEach
  void start() {
    replica.changes.start();
    other.changes.start();
  }

  @AfterEach
  void stop() throws Exception {
    replica.stop();
    other.stop();
  }

  @Test
  void entriesAreSortedByPriorityAndAge() {
    create("old", "{}");
    create("young", "{\"models\": [\"a\", \"b*\"]}");
    create("last", "{\"priority\": -1}");
    Provider first = create("first", "{\"priority\": 7, \"models\": [\"c\"]}");

    List<ProviderEntry> entries = Await.result(replica.providers.entries());
    assertThat(entries)
        .extracting(ProviderEntry::name)
        .containsExactly("first", "old", "young", "last");
    assertThat(entries.getFirst())
        .isEqualTo(
            new ProviderEntry(
                first.id(),
                "first",
                "ollama",
                7,
                new ModelSelection(List.of("c")),
                first.createdAt()));
    assertThat(entries.get(2).models().patterns()).containsExactly("a", "b*");
    assertThat(entries.get(1).models()).isEqualTo(ModelSelection.ALL);
    assertThat(replica.providers.entries()).isCompletedWithValue(entries);
  }

  @Test
  void rowsOfOtherShapesAreListedWithDefaults() {
    execute(
        """
        INSERT INTO providers (name, config) VALUES
          ('list', '[1]'),
          ('empty', '{}'),
          ('text', '{"name": "ollama", "options": "x"}'),
          ('wrong', '{"name": "ollama", "options": {"priority": "1", "models": "a"}}'),
          ('large', '{"name": "ollama", "options": {"priority": 1e300, "models": [1]}}'),
          ('unknown', '{"name": "nope", "options": {"models": [{"sealed": "x"}]}}')
        """);

    assertThat(Await.result(replica.providers.entries()))
        .hasSize(6)
        .allSatisfy(it -> {
          assertThat(it.priority()).isZero();
          assertThat(it.models()).isEqualTo(ModelSelection.ALL);
        });
  }

  @Test
  void ownChangesAreListedAtOnce() {
    assertThat(replica.names()).isEmpty();
    Provider made = create("made", "{}");
    assertThat(replica.names()).containsExactly("made");

    replica.providers.replace(made.id(), input("renamed", "{\"priority\": 2}"), _ -> true);
    assertThat(replica.names()).containsExactly("renamed");

    replica.providers.delete(made.id(), _ -> true);
    assertThat(replica.names()).isEmpty();
  }

  @Test
  void changesOfOtherReplicasAreListedWithinASecond() {
    assertThat(replica.names()).isEmpty();
    other.providers.create(input("made", "{}"), Optional.empty());
    Duration waited = Await.until("it is listed", () -> replica.names().contains("made"));

    assertThat(waited).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void veryLargeListsOfModelsLimitTheEntries() {
    execute(
        """
        INSERT INTO providers (name, config)
        SELECT 'p' || lpad(n::text, 4, '0'), jsonb_build_object('name', 'ollama', 'options',
          jsonb_build_object('priority', -n, 'models', (
            SELECT jsonb_agg(repeat('m', 119) || i) FROM generate_series(1, 450) i)))
        FROM generate_series(1, 300) n
        """);
    List<String> names = replica.names();

    assertThat(names).hasSizeBetween(50, 250).startsWith("p0001", "p0002").isSorted();
  }

  @Test
  void atMostTenThousandProvidersAreListed() {
    execute(
        """
        INSERT INTO providers (name, config)
        SELECT 'p' || n, jsonb_build_object('options', jsonb_build_object('priority', n / 101))
        FROM generate_series(1, 10100) n
        """);

    assertThat(replica.names())
        .hasSize(Providers.MAX_ENTRIES)
        .doesNotContain("p1", "p100")
        .contains("p101", "p10100");
  }

  @Test
  void resolvedNameIsCachedUntilItChanges() {
    Provider made = create("made", "{\"models\": [\"a\"]}");
    assertThat(replica.providers.findIdCached("made")).isEmpty();
    awaitResolved(made.id());
    assertThat(replica.providers.resolve("made").orElseThrow().id()).contains(made.id());
    awaitName("made", Optional.of(made.id()));

    ResolvedProvider resolved = replica.providers.resolveCached(made.id()).orElseThrow();
    assertThat(resolved.models().declaredNames()).containsExactly("a");

    replica.providers.replace(made.id(), input("renamed", "{}"), _ -> true);
    assertThat(replica.providers.findIdCached("made")).isEmpty();
    awaitResolved(made.id());
    assertThat(replica.providers.resolve("made")).isEmpty();
    awaitName("made", Optional.empty());
    assertThat(replica.providers.findIdCached("never seen")).isEmpty();
    assertThat(replica.providers.resolve("renamed")).isPresent();
    awaitName("renamed", Optional.of(made.id()));
  }

  /// A name is cached once the change feed is current.
  private void awaitName(String name, Optional<UUID> id) {
    Await.until(
        "the name is cached",
        () -> {
          replica.providers.resolve(name);
          return replica.providers.findIdCached(name).equals(Optional.of(id));
        });
  }

  /// A row is cached once the change feed is current.
  private void awaitResolved(UUID id) {
    Await.until(
        "the provider is cached",
        () -> {
          replica.providers.resolve(id);
          return replica.providers.resolveCached(id).isPresent();
        });
  }

  @Test
  void unavailableDatabaseFailsTheList() throws Exception {
    Replica stopped = new Replica(settings);
    stopped.stop();

    assertThatThrownBy(() -> Await.result(stopped.providers.entries()))
        .isInstanceOf(UnavailableException.class);
  }

  private Provider create(String name, String options) {
    return replica.providers.create(input(name, options), Optional.empty());
  }

  private static ProviderInput input(String name, String options) {
    JsonNode config =
        Json.MAPPER.readTree(
            "{\"name\": \"ollama\", \"base_url\": \"http://localhost\", \"options\": %s}"
                .formatted(options));
    return new ProviderInput(name, new ProviderConfigInput(config));
  }

  private void execute(String sql) {
    TestPostgres.execute(((DatabaseSettings.External) settings.server()).dsn(), sql);
  }
}
