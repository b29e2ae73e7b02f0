package dev.agentlab.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentlab.errors.UnavailableException;
import dev.agentlab.testing.Await;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FreshCacheTest {
  private static final String KEY = "key";
  private static final String FIRST = "first";
  private static final String SECOND = "second";

  /// The loads that have not run yet.
  private final Queue<Runnable> loads = new ArrayDeque<>();

  private long now = 1_000;
  private String stored = FIRST;
  private boolean away;
  private Optional<RuntimeException> failure = Optional.empty();
  private final FreshCache<String, String> cache =
      new FreshCache<>(this::read, () -> now, loads::add, () -> away);

  private String read(String key) {
    failure.ifPresent(it -> {
      throw it;
    });
    return stored;
  }

  @Test
  void firstUseLoadsAndWaitersShareTheLoad() {
    assertThat(cache.getIfCached(KEY)).isEmpty();
    CompletableFuture<String> first = cache.get(KEY);
    CompletableFuture<String> second = cache.get(KEY);
    assertThat(loads).hasSize(1);
    assertThat(cache.getIfCached(KEY)).isEmpty();
    assertThat(first.cancel(false)).isTrue();
    load();

    assertThat(second).isCompletedWithValue(FIRST);
    assertThat(cache.getIfCached(KEY)).contains(FIRST);
    assertThat(loads).isEmpty();
  }

  @Test
  void useAfterHalfASecondReturnsOldValueAndRefreshes() {
    fill();
    stored = SECOND;
    advance(Duration.ofMillis(499));
    assertThat(cache.getIfCached(KEY)).contains(FIRST);
    assertThat(loads).isEmpty();
    advance(Duration.ofMillis(2));

    assertThat(cache.getIfCached(KEY)).contains(FIRST);
    assertThat(loads).hasSize(1);
    load();
    assertThat(cache.getIfCached(KEY)).contains(SECOND);
  }

  @Test
  void valueIsNotUsedASecondAfterItsLoadBegan() {
    CompletableFuture<String> loading = cache.get(KEY);
    Runnable task = loads.remove();
    stored = FIRST;
    task.run();
    assertThat(loading).isCompletedWithValue(FIRST);
    advance(Duration.ofMillis(1_001));

    assertThat(cache.getIfCached(KEY)).isEmpty();
    assertThat(cache.get(KEY)).isNotDone();
  }

  @Test
  void slowLoadShortensTheUse() {
    FreshCache<String, String> slow =
        new FreshCache<>(
            _ -> {
              advance(Duration.ofMillis(900));
              return FIRST;
            },
            () -> now,
            Runnable::run,
            () -> away);
    assertThat(slow.get(KEY)).isCompletedWithValue(FIRST);
    advance(Duration.ofMillis(99));
    assertThat(slow.getIfCached(KEY)).contains(FIRST);
    advance(Duration.ofMillis(2));
    assertThat(slow.getIfCached(KEY)).isEmpty();
  }

  @Test
  void invalidationDropsValueAndRunningLoad() {
    fill();
    cache.invalidate();
    assertThat(cache.getIfCached(KEY)).isEmpty();

    CompletableFuture<String> before = cache.get(KEY);
    cache.invalidate();
    stored = SECOND;
    CompletableFuture<String> after = cache.get(KEY);
    Runnable outdated = loads.remove();
    load();
    stored = FIRST;
    outdated.run();

    assertThat(before).isCompletedWithValue(FIRST);
    assertThat(after).isCompletedWithValue(SECOND);
    assertThat(cache.getIfCached(KEY)).contains(SECOND);
  }

  @Test
  void invalidationDropsRunningRefresh() {
    fill();
    advance(Duration.ofMillis(501));
    assertThat(cache.getIfCached(KEY)).contains(FIRST);
    cache.invalidate();
    load();

    assertThat(cache.getIfCached(KEY)).isEmpty();
  }

  @Test
  void failedLoadIsReportedAndNotCached() {
    failure = Optional.of(outage());
    CompletableFuture<String> loading = cache.get(KEY);
    load();

    assertThatThrownBy(() -> Await.result(loading)).isInstanceOf(UnavailableException.class);
    assertThat(loading.exceptionNow()).isInstanceOf(UnavailableException.class);
    assertThat(cache.getIfCached(KEY)).isEmpty();
    failure = Optional.empty();
    CompletableFuture<String> next = cache.get(KEY);
    load();
    assertThat(next).isCompletedWithValue(FIRST);
  }

  @Test
  void failedRefreshKeepsValueUntilItExpires() {
    fill();
    advance(Duration.ofMillis(600));
    failure = Optional.of(outage());
    assertThat(cache.getIfCached(KEY)).contains(FIRST);
    load();
    assertThat(cache.getIfCached(KEY)).contains(FIRST);
    advance(Duration.ofMillis(401));

    assertThat(cache.getIfCached(KEY)).isEmpty();
  }

  @Test
  void lastValueRemainsInForceWhileTheDatabaseIsAway() {
    fill();
    advance(Duration.ofMinutes(30));
    stored = SECOND;
    assertThat(cache.getIfCached(KEY)).isEmpty();
    away = true;
    assertThat(cache.getIfCached(KEY)).contains(FIRST);
    assertThat(cache.get(KEY)).isCompletedWithValue(FIRST);
    away = false;
    loads.clear();

    assertThat(cache.getIfCached(KEY)).isEmpty();
  }

  @Test
  void loadDuringWhichTheDatabaseLeavesReturnsTheLastValue() {
    fill();
    advance(Duration.ofSeconds(2));
    failure = Optional.of(outage());
    CompletableFuture<String> failing = cache.get(KEY);
    away = true;
    load();
    assertThat(failing).isCompletedWithValue(FIRST);
    away = false;
    advance(Duration.ofSeconds(2));
    CompletableFuture<String> unavailable = cache.get(KEY);
    load();

    assertThat(unavailable).isCompletedExceptionally();
  }

  @Test
  void oldValueIsLoadedOnce() {
    fill();
    advance(Duration.ofSeconds(2));
    assertThat(cache.getIfCached(KEY)).isEmpty();
    CompletableFuture<String> loading = cache.get(KEY);
    assertThat(loads).hasSize(1);
    stored = SECOND;
    load();

    assertThat(loading).isCompletedWithValue(SECOND);
  }

  private static UnavailableException outage() {
    return new UnavailableException(
        "the database is down", Duration.ofSeconds(1), new IllegalStateException());
  }

  private void fill() {
    CompletableFuture<String> loading = cache.get(KEY);
    load();
    assertThat(loading).isCompletedWithValue(FIRST);
  }

  private void load() {
    loads.remove().run();
  }

  private void advance(Duration time) {
    now += time.toNanos();
  }
}
