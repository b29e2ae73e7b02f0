package dev.agentlab.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.errors.UnavailableException;
import dev.agentlab.eventloop.EventLoops;
import dev.agentlab.json.Json;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.ModelCatalog;
import dev.agentlab.providers.Dependents;
import dev.agentlab.providers.ProviderConfigInput;
import dev.agentlab.providers.ProviderEntry;
import dev.agentlab.providers.ProviderInput;
import dev.agentlab.providers.Providers;
import dev.agentlab.testing.FakeUpstream;
import dev.agentlab.upstream.EgressPolicy;
import dev.agentlab.upstream.Resolver;
import dev.agentlab.upstream.UpstreamClient;
import dev.agentlab.upstream.UpstreamLimits;
import dev.agentlab.vault.TestVault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The providers of bare names of models, whose lists are read with longer timeouts than they are
/// awaited.
class ProviderModelsIT {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Database database = TestPostgres.start(TestPostgres.migratedDatabase());
  private final ChangeFeed changes = new ChangeFeed(database);
  private final EventLoops loops = new EventLoops();
  private final UpstreamClient client =
      new UpstreamClient(
          loops,
          new EgressPolicy(true, List.of()),
          Resolver.system(),
          MINUTE,
          new MemoryBudget(64 << 20));
  private final ModelCatalog catalog =
      new ModelCatalog(
          client, new UpstreamLimits(MINUTE, MINUTE, MINUTE, MINUTE, MINUTE, 64 << 10));
  private final Providers providers =
      Providers.of(
          database,
          changes,
          ProviderKinds.standard(),
          new PageLimits(20, 100),
          (_, _) -> new Dependents(List.of(), List.of(), 0),
          Map::of,
          TestVault.start(database),
          (_, _) -> {});
  private final ProviderModels models = new ProviderModels(providers, catalog);

  @BeforeEach
  void start() {
    changes.start();
  }

  @AfterEach
  void stop() throws Exception {
    catalog.stop(MINUTE);
    client.stop(MINUTE);
    loops.stop(MINUTE);
    changes.stop(MINUTE);
    database.stop(MINUTE);
  }

  private void create(String name, FakeUpstream upstream, String options) {
    String config =
        "{\"name\": \"ollama\", \"base_url\": \"%s\", \"options\": %s}"
            .formatted(upstream.url(""), options);
    providers.create(
        new ProviderInput(name, new ProviderConfigInput(Json.MAPPER.readTree(config))),
        Optional.empty());
  }

  @Test
  void unknownListOfAPreferredProviderIsNotSkipped() throws Exception {
    try (FakeUpstream silent = FakeUpstream.start((_, _) -> {})) {
      create("slow", silent, "{\"priority\": 1}");
      create("declaring", silent, "{\"models\": [\"m\"]}");

      assertThatThrownBy(() -> models.findByModel("m"))
          .isInstanceOfSatisfying(
              UnavailableException.class,
              e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(5)))
          .hasMessage("the models of provider 'slow' are not known yet");
    }
  }

  @Test
  void unknownListOfALessPreferredProviderIsNotNeeded() throws Exception {
    try (FakeUpstream silent = FakeUpstream.start((_, _) -> {})) {
      create("slow", silent, "{\"priority\": -1}");
      create("declaring", silent, "{\"models\": [\"m\"]}");

      assertThat(models.findByModel("m")).map(ProviderEntry::name).contains("declaring");
    }
  }
}
