package dev.agentlab.routing;

import static dev.agentlab.agents.AgentApi.id;
import static dev.agentlab.agents.AgentApi.uniqueName;
import static dev.agentlab.routing.RouteApi.config;
import static dev.agentlab.routing.RouteApi.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.database.ChangeFeed;
import dev.agentlab.database.Database;
import dev.agentlab.database.DatabaseSettings;
import dev.agentlab.database.TestPostgres;
import dev.agentlab.listing.PageLimits;
import dev.agentlab.server.TestClient.Answer;
import dev.agentlab.server.TestServer;
import dev.agentlab.testing.Await;
import dev.agentlab.vault.TestVault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Routes in the memory of a process, while another replica changes them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegisteredRoutesIT {
  private static final Duration MAX_DELAY = Duration.ofSeconds(1);

  private final DatabaseSettings database = TestPostgres.migratedDatabase();
  private final TestServer replica = new TestServer(database);
  private final RouteApi api = new RouteApi(replica);
  private final Database pool = TestPostgres.start(database);
  private final ChangeFeed changes = new ChangeFeed(pool);
  private final RegisteredRoutes routes =
      new RegisteredRoutes(
          ModelRoutes.of(
              pool,
              changes,
              new PageLimits(20, 100),
              new FixedTargets(),
              (_, _) -> new RouteDependents(List.of(), 0),
              TestVault.start(pool),
              (_, _) -> {}),
          changes);
  private String provider = "";

  @BeforeAll
  void start() {
    replica.start();
    changes.start();
    provider = api.createProvider();
  }

  @AfterAll
  void stop() throws Exception {
    replica.stop();
    changes.stop(Duration.ofSeconds(5));
    pool.stop(Duration.ofSeconds(5));
  }

  private static String model(ResolvedRoute route) {
    return route.config().targets().getFirst().destination()
            instanceof RouteDestination.ProviderModel(_, String model)
        ? model
        : "";
  }

  private static void awaitInTime(String condition, Callable<Boolean> holds) {
    assertThat(Await.until(condition, holds)).as(condition).isLessThan(MAX_DELAY);
  }

  @Test
  void changeOfOtherReplicaIsVisibleWithinASecond() {
    String name = uniqueName("smart");
    Answer created = api.createRoute(name, config(target(provider, "one", "")));
    UUID id = UUID.fromString(id(created));

    assertThat(routes.findId(name)).contains(id);
    assertThat(routes.findIdCached(name)).contains(Optional.of(id));
    ResolvedRoute first = routes.find(id).orElseThrow();
    assertThat(model(first)).isEqualTo("one");
    assertThat(first.name()).isEqualTo(name);
    assertThat(first.revision()).isEqualTo(1);
    Await.until(
        "the route is in memory",
        () -> routes.find(id).isPresent() && routes.findCached(id).equals(Optional.of(first)));

    String renamed = uniqueName("renamed");
    api.put(created.header("Location"), renamed, config(target(provider, "two", "")));
    awaitInTime(
        "the second revision is found",
        () -> routes.find(id).map(ResolvedRoute::revision).equals(Optional.of(2L)));
    assertThat(model(routes.find(id).orElseThrow())).isEqualTo("two");
    awaitInTime("the former name is free", () -> routes.findId(name).isEmpty());
    assertThat(routes.findId(renamed)).contains(id);

    api.client().delete(created.header("Location"));
    awaitInTime("the route is gone", () -> routes.find(id).isEmpty());
    assertThat(routes.findCached(id)).isEmpty();
    awaitInTime("the name is free", () -> routes.findId(renamed).isEmpty());
  }

  @Test
  void newRouteIsFoundByNameWithinASecond() {
    String name = uniqueName("later");
    assertThat(routes.findId(name)).isEmpty();
    assertThat(routes.findIdCached(name)).contains(Optional.empty());
    api.createRoute(name, config(target(provider, "m", "")));
    awaitInTime("the name is found", () -> routes.findId(name).isPresent());
  }
}
