package dev.agentlab.providers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.kinds.ModelSelection;
import dev.agentlab.testing.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProviderEntryCacheTest {
  private static final List<ProviderEntry> FIRST = list("first");
  private static final List<ProviderEntry> SECOND = list("second");

  /// The loads that have not run yet.
  private final Queue<Runnable> loads = new ArrayDeque<>();

  private long now = 1_000;
  private List<ProviderEntry> stored = FIRST;
  private Optional<RuntimeException> failure = Optional.empty();
  private final ProviderEntryCache cache =
      new ProviderEntryCache(this::read, () -> now, loads::add);

  private List<ProviderEntry> read() {
    failure.ifPresent(it -> {
      throw it;
    });
    return stored;
  }

  @Test
  void firstUseLoadsAndWaitersShareTheLoad() {
    assertThat(cache.getIfCached()).isEmpty();
    CompletableFuture<List<ProviderEntry>> first = cache.get();
    CompletableFuture<List<ProviderEntry>> second = cache.get();
    assertThat(loads).hasSize(1);
    assertThat(cache.getIfCached()).isEmpty();
    assertThat(first.cancel(false)).isTrue();
    load();

    assertThat(second).isCompletedWithValue(FIRST);
    assertThat(cache.getIfCached()).contains(FIRST);
    assertThat(loads).isEmpty();
  }

  @Test
  void useAfterHalfASecondReturnsOldListAndRefreshes() {
    fill();
    stored = SECOND;
    advance(Duration.ofMillis(499));
    assertThat(cache.getIfCached()).contains(FIRST);
    assertThat(loads).isEmpty();
    advance(Duration.ofMillis(2));

    assertThat(cache.getIfCached()).contains(FIRST);
    assertThat(loads).hasSize(1);
    load();
    assertThat(cache.getIfCached()).contains(SECOND);
  }

  @Test
  void listIsNotUsedASecondAfterItsLoadBegan() {
    CompletableFuture<List<ProviderEntry>> loading = cache.get();
    Runnable task = loads.remove();
    stored = FIRST;
    task.run();
    assertThat(loading).isCompletedWithValue(FIRST);
    advance(Duration.ofMillis(1_001));

    assertThat(cache.getIfCached()).isEmpty();
    assertThat(cache.get()).isNotDone();
  }

  @Test
  void slowLoadShortensTheUse() {
    ProviderEntryCache slow =
        new ProviderEntryCache(
            () -> {
              advance(Duration.ofMillis(900));
              return FIRST;
            },
            () -> now,
            Runnable::run);
    assertThat(slow.get()).isCompletedWithValue(FIRST);
    advance(Duration.ofMillis(99));
    assertThat(slow.getIfCached()).contains(FIRST);
    advance(Duration.ofMillis(2));
    assertThat(slow.getIfCached()).isEmpty();
  }

  @Test
  void invalidationDropsListAndRunningLoad() {
    fill();
    cache.invalidate();
    assertThat(cache.getIfCached()).isEmpty();

    CompletableFuture<List<ProviderEntry>> before = cache.get();
    cache.invalidate();
    stored = SECOND;
    CompletableFuture<List<ProviderEntry>> after = cache.get();
    Runnable outdated = loads.remove();
    load();
    stored = FIRST;
    outdated.run();

    assertThat(before).isCompletedWithValue(FIRST);
    assertThat(after).isCompletedWithValue(SECOND);
    assertThat(cache.getIfCached()).contains(SECOND);
  }

  @Test
  void invalidationDropsRunningRefresh() {
    fill();
    advance(Duration.ofMillis(501));
    assertThat(cache.getIfCached()).contains(FIRST);
    cache.invalidate();
    load();

    assertThat(cache.getIfCached()).isEmpty();
  }

  @Test
  void failedLoadIsReportedAndNotCached() {
    failure = Optional.of(outage());
    CompletableFuture<List<ProviderEntry>> loading = cache.get();
    load();

    assertThatThrownBy(() -> Await.result(loading)).isInstanceOf(UnavailableException.class);
    assertThat(loading.exceptionNow()).isInstanceOf(UnavailableException.class);
    assertThat(cache.getIfCached()).isEmpty();
    failure = Optional.empty();
    CompletableFuture<List<ProviderEntry>> next = cache.get();
    load();
    assertThat(next).isCompletedWithValue(FIRST);
  }

  @Test
  void failedRefreshKeepsListUntilItExpires() {
    fill();
    advance(Duration.ofMillis(600));
    failure = Optional.of(outage());
    assertThat(cache.getIfCached()).contains(FIRST);
    load();
    assertThat(cache.getIfCached()).contains(FIRST);
    advance(Duration.ofMillis(401));

    assertThat(cache.getIfCached()).isEmpty();
  }

  @Test
  void loadsRunOnAnotherThread() {
    ProviderEntryCache real =
        new ProviderEntryCache(() -> list(Boolean.toString(Thread.currentThread().isVirtual())));

    assertThat(Await.result(real.get())).extracting(ProviderEntry::name).containsExactly("true");
  }

  private static UnavailableException outage() {
    return new UnavailableException(
        "the database is down", Duration.ofSeconds(1), new IllegalStateException());
  }

  private void fill() {
    CompletableFuture<List<ProviderEntry>> loading = cache.get();
    load();
    assertThat(loading).isCompletedWithValue(FIRST);
  }

  private void load() {
    loads.remove().run();
  }

  private void advance(Duration time) {
    now += time.toNanos();
  }

  private static List<ProviderEntry> list(String name) {
    return List.of(
        new ProviderEntry(UUID.randomUUID(), name, "ollama", 0, ModelSelection.ALL, Instant.EPOCH));
  }
}
