package dev.agentlab.modelclient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentlab.json.Json;
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.Diagnosis;
import dev.agentlab.kinds.Model;
import dev.agentlab.kinds.ModelListClient.Outcome;
import dev.agentlab.kinds.ProbeStage;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.modelclient.ModelList.State;
import dev.agentlab.testing.Await;
import dev.agentlab.upstream.CallTimings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelCatalogTest {
  private static final CallTimings NO_TIMINGS =
      new CallTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO);
  private static final Outcome FAILURE =
      new Outcome.Failed(
          new Diagnosis(ProbeStage.Name.CONNECT, "nothing listens", "cause", "Start it."),
          NO_TIMINGS);
  private static final CallableProvider PROVIDER = provider();
  private static final UUID ID = UUID.randomUUID();

  /// The outcomes of fetches, in order; a fetch waits until one is available.
  private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

  private final AtomicInteger fetches = new AtomicInteger();
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final ModelCatalog catalog = new ModelCatalog(_ -> nextOutcome(), () -> now, 3);

  @AfterEach
  void stop() throws Exception {
    catalog.stop(Duration.ofSeconds(5));
  }

  @Test
  void firstReadReturnsImmediatelyAndModelsFollow() {
    assertThat(list().state()).isEqualTo(State.LOADING);
    assertThat(list().data()).isEmpty();
    outcomes.add(listed("a"));

    Await.value(State.FRESH, () -> list().state());
    assertThat(list().data()).containsExactly(new Model("a"));
    assertThat(list().fetchedAt()).contains(now);
    assertThat(fetches).hasValue(1);
  }

  @Test
  void staleModelsAreReturnedDuringSingleRefresh() {
    outcomes.add(listed("a"));
    Await.value(State.FRESH, () -> list().state());
    now = now.plusSeconds(61);

    assertThat(list().state()).isEqualTo(State.STALE);
    assertThat(list().data()).containsExactly(new Model("a"));
    Await.value(2, () -> fetches.get());
    list();
    outcomes.add(listed("b"));
    Await.value(State.FRESH, () -> list().state());
    assertThat(list().data()).containsExactly(new Model("b"));
    assertThat(fetches).hasValue(2);
  }

  @Test
  void failedFetchIsRetriedAfterBackoff() {
    outcomes.add(FAILURE);
    Await.value(State.FAILED, () -> list().state());
    assertThat(list().error()).contains("nothing listens. Start it.");
    now = now.plusSeconds(9);
    assertThat(list().state()).isEqualTo(State.FAILED);
    assertThat(fetches).hasValue(1);
    now = now.plusSeconds(2);

    assertThat(list().state()).isEqualTo(State.LOADING);
    outcomes.add(listed("a"));
    Await.value(State.FRESH, () -> list().state());
    assertThat(list().error()).isEmpty();
  }

  @Test
  void failedRefreshKeepsCachedModels() {
    outcomes.add(listed("a"));
    Await.value(State.FRESH, () -> list().state());
    now = now.plusSeconds(61);
    outcomes.add(FAILURE);
    Await.until("the failure is reported", () -> list().error().isPresent());

    assertThat(list().state()).isEqualTo(State.STALE);
    assertThat(list().data()).containsExactly(new Model("a"));
  }

  @Test
  void unexpectedExceptionEndsFetchAsFailure() throws Exception {
    ModelCatalog broken =
        new ModelCatalog(
            _ -> {
              throw new IllegalStateException("broken on purpose");
            },
            () -> now,
            3);
    Await.value(State.FAILED, () -> broken.models(ID, 1, PROVIDER).state());
    broken.stop(Duration.ofSeconds(5));
  }

  @Test
  void allCachedListsAreReadWithoutUsingThem() {
    list();
    assertThat(catalog.allCached()).isEmpty();
    outcomes.add(listed("a"));
    Await.value(State.FRESH, () -> list().state());

    assertThat(catalog.allCached()).containsExactly(Map.entry(ID, List.of(new Model("a"))));
    for (int i = 0; i < 3; i++) {
      catalog.models(UUID.randomUUID(), 1, PROVIDER);
      catalog.allCached();
    }
    assertThat(catalog.allCached()).isEmpty();
  }

  @Test
  void loadedModelsCompleteWhenFetchEnds() {
    CompletableFuture<ModelList> first = catalog.loaded(ID, 1, PROVIDER);
    CompletableFuture<ModelList> second = catalog.loaded(ID, 1, PROVIDER);
    assertThat(first).isNotDone();
    assertThat(first.cancel(false)).isTrue();
    outcomes.add(listed("a"));

    ModelList list = Await.result(second);
    assertThat(list.state()).isEqualTo(State.FRESH);
    assertThat(list.data()).containsExactly(new Model("a"));
    assertThat(catalog.loaded(ID, 1, PROVIDER)).isCompletedWithValue(list);
    assertThat(fetches).hasValue(1);
  }

  @Test
  void loadedModelsCompleteWithFailure() {
    CompletableFuture<ModelList> loading = catalog.loaded(ID, 1, PROVIDER);
    outcomes.add(FAILURE);

    ModelList list = Await.result(loading);
    assertThat(list.state()).isEqualTo(State.FAILED);
    assertThat(list.error()).contains("nothing listens. Start it.");
    assertThat(catalog.loaded(ID, 1, PROVIDER)).isCompletedWithValue(list);
    assertThat(fetches).hasValue(1);
  }

  @Test
  void staleModelsAreLoadedAtOnce() {
    outcomes.add(listed("a"));
    Await.result(catalog.loaded(ID, 1, PROVIDER));
    now = now.plusSeconds(61);

    assertThat(catalog.loaded(ID, 1, PROVIDER))
        .isCompletedWithValueMatching(it -> it.state() == State.STALE);
    Await.value(2, fetches::get);
  }

  @Test
  void stopCompletesLoadedModels() throws Exception {
    CompletableFuture<ModelList> loading = catalog.loaded(ID, 1, PROVIDER);
    Await.value(1, fetches::get);
    catalog.stop(Duration.ofSeconds(5));

    assertThat(Await.result(loading).state()).isEqualTo(State.FAILED);
    assertThat(catalog.loaded(UUID.randomUUID(), 1, PROVIDER))
        .isCompletedWithValueMatching(it -> it.state() == State.FAILED);
  }

  @Test
  void changedProviderIsFetchedAgain() {
    outcomes.add(listed("a"));
    Await.value(State.FRESH, () -> list().state());

    assertThat(catalog.models(ID, 2, PROVIDER).state()).isEqualTo(State.LOADING);
  }

  @Test
  void leastRecentlyUsedProviderIsEvicted() {
    outcomes.add(listed("a"));
    Await.value(State.FRESH, () -> list().state());
    for (int i = 0; i < 3; i++) {
      catalog.models(UUID.randomUUID(), 1, PROVIDER);
    }

    assertThat(list().state()).isEqualTo(State.LOADING);
  }

  @Test
  void atMostEightFetchesRunConcurrently() throws Exception {
    Semaphore release = new Semaphore(0);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger maxRunning = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    ModelCatalog manyProviders =
        new ModelCatalog(
            _ -> {
              maxRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
              release.acquireUninterruptibly();
              running.decrementAndGet();
              done.incrementAndGet();
              return FAILURE;
            },
            () -> now,
            100);
    for (int i = 0; i < 20; i++) {
      manyProviders.models(UUID.randomUUID(), 1, PROVIDER);
    }
    Await.value(8, () -> running.get());
    release.release(20);
    Await.value(20, () -> done.get());

    assertThat(maxRunning).hasValue(8);
    manyProviders.stop(Duration.ofSeconds(5));
  }

  @Test
  void stopCancelsFetchesAndStartsNoMore() throws Exception {
    list();
    Await.value(1, () -> fetches.get());
    catalog.stop(Duration.ofSeconds(5));
    catalog.models(UUID.randomUUID(), 1, PROVIDER);

    assertThat(fetches).hasValue(1);
  }

  private ModelList list() {
    return catalog.models(ID, 1, PROVIDER);
  }

  private Outcome nextOutcome() {
    fetches.incrementAndGet();
    try {
      return outcomes.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return FAILURE;
    }
  }

  private static Outcome listed(String id) {
    return new Outcome.Listed(List.of(new Model(id)), NO_TIMINGS);
  }

  private static CallableProvider provider() {
    ProviderKinds kinds = ProviderKinds.standard();
    return kinds.build(
        kinds.parse(
            Json.MAPPER.readTree("{\"name\": \"ollama\", \"base_url\": \"http://localhost\"}")));
  }
}
