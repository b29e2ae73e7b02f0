package dev.agentlab.database;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.agentlab.eventloop.Completions;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A cache of values computed from many rows of one table, such as the id of a name, of which the
/// change feed cannot tell which row changes them: it does not notify of inserts.
///
/// After a change by this process through [ChangeFeed#invalidateAfter], no older value is returned;
/// after any other change, none is returned later than one second. A value in use is loaded again
/// in the background after half a second, so that it stays in memory. While the database cannot be
/// reached, the last value remains in force.
///
/// Thread-safe; no method blocks. Values are loaded on virtual threads, and callers share a load.
public final class FreshCache<K, V> {
  static final Duration MAX_AGE = Duration.ofSeconds(1);
  static final Duration REFRESH_AGE = Duration.ofMillis(500);

  /// How long a value that is not read stays in memory for the time when the database is away.
  private static final Duration KEPT = Duration.ofHours(1);

  private static final int CAPACITY = 10_000;

  private final Function<K, V> loader;
  private final LongSupplier nanoTime;
  private final Executor executor;
  private final BooleanSupplier isDatabaseAway;

  /// Created at the first use, because loading its classes would delay the start of the service.
  private volatile @Nullable AsyncLoadingCache<K, Loaded<V>> cache;

  /// The result of a load. A failure is a value that expires at once, because Caffeine would log
  /// the exception of every failed load.
  ///
  /// @param value of the last load that succeeded
  /// @param failure of the last load
  /// @param startedAt when the load of the value began, as [System#nanoTime]
  private record Loaded<V>(Optional<V> value, Optional<RuntimeException> failure, long startedAt) {
    Loaded<V> withFailure(Optional<RuntimeException> latest) {
      return new Loaded<>(value, latest, startedAt);
    }
  }

  /// @param table its updates and deletes are notified by a trigger
  /// @param loader computes a value; may block
  public FreshCache(ChangeFeed changes, String table, Function<K, V> loader) {
    this(
        loader,
        System::nanoTime,
        task ->
            Thread.ofVirtual()
                .name("fresh-" + table)
                .inheritInheritableThreadLocals(false)
                .start(task),
        changes::isDatabaseAway);
    changes.subscribe(table, new Invalidator());
  }

  /// @param executor runs loads
  FreshCache(
      Function<K, V> loader,
      LongSupplier nanoTime,
      Executor executor,
      BooleanSupplier isDatabaseAway) {
    this.loader = loader;
    this.nanoTime = nanoTime;
    this.executor = executor;
    this.isDatabaseAway = isDatabaseAway;
  }

  /// The value, if one is in force. Does not start a load otherwise.
  public Optional<V> getIfCached(K key) {
    AsyncLoadingCache<K, Loaded<V>> present = cache;
    CompletableFuture<Loaded<V>> loaded = present == null ? null : present.getIfPresent(key);
    return loaded == null || loaded.state() != CompletableFuture.State.SUCCESS
        ? Optional.empty()
        : Optional.of(loaded.resultNow()).filter(this::isInForce).flatMap(Loaded::value);
  }

  private boolean isInForce(Loaded<V> loaded) {
    return loaded.value().isPresent()
        && (nanoTime.getAsLong() - loaded.startedAt() < MAX_AGE.toNanos()
            || isDatabaseAway.getAsBoolean());
  }

  /// The value from the cache, or that of a load, which may have begun before.
  ///
  /// @return completed with the exception of the loader if the load fails
  public CompletableFuture<V> get(K key) {
    Optional<V> inForce = getIfCached(key);
    if (inForce.isPresent()) {
      return CompletableFuture.completedFuture(inForce.get());
    }
    AsyncLoadingCache<K, Loaded<V>> all = cache();
    CompletableFuture<Loaded<V>> last = all.getIfPresent(key);
    CompletableFuture<Loaded<V>> loading =
        last != null && last.isDone() ? all.synchronous().refresh(key) : all.get(key);
    CompletableFuture<V> result = new CompletableFuture<>();
    var _ =
        loading.whenComplete((loaded, failure) -> {
          if (failure != null) {
            result.completeExceptionally(Completions.cause(failure));
          } else if (loaded.failure().isEmpty() || isInForce(loaded)) {
            result.complete(loaded.value().orElseThrow());
          } else {
            result.completeExceptionally(loaded.failure().get());
          }
        });
    return result;
  }

  /// Drops all values, and those of running loads.
  void invalidate() {
    AsyncLoadingCache<K, Loaded<V>> present = cache;
    if (present != null) {
      present.synchronous().invalidateAll();
    }
  }

  private AsyncLoadingCache<K, Loaded<V>> cache() {
    AsyncLoadingCache<K, Loaded<V>> present = cache;
    return present == null ? create() : present;
  }

  private synchronized AsyncLoadingCache<K, Loaded<V>> create() {
    AsyncLoadingCache<K, Loaded<V>> present = cache;
    if (present == null) {
      present =
          Caffeine.newBuilder()
              .maximumSize(CAPACITY)
              .expireAfter(Expiry.<K, Loaded<V>>writing((_, loaded) -> timeToLive(loaded)))
              .refreshAfterWrite(REFRESH_AGE)
              .ticker(nanoTime::getAsLong)
              .executor(Runnable::run)
              .buildAsync(new Loader());
      cache = present;
    }
    return present;
  }

  private static Duration timeToLive(Loaded<?> loaded) {
    return loaded.value().isPresent() ? KEPT : Duration.ZERO;
  }

  private final class Loader implements AsyncCacheLoader<K, Loaded<V>> {
    @Override
    public CompletableFuture<Loaded<V>> asyncLoad(K key, Executor ignored) {
      return CompletableFuture.supplyAsync(() -> load(key), executor);
    }

    /// A failed refresh keeps the old value.
    @Override
    public CompletableFuture<Loaded<V>> asyncReload(K key, Loaded<V> old, Executor ignored) {
      return asyncLoad(key, ignored)
          .thenApply(it -> it.failure().isPresent() ? old.withFailure(it.failure()) : it);
    }

    private Loaded<V> load(K key) {
      long startedAt = nanoTime.getAsLong();
      try {
        return new Loaded<>(Optional.of(loader.apply(key)), Optional.empty(), startedAt);
      } catch (RuntimeException e) {
        return new Loaded<>(Optional.empty(), Optional.of(e), startedAt);
      }
    }
  }

  private final class Invalidator implements ChangeListener {
    @Override
    public void onChange(UUID id) {
      invalidate();
    }

    @Override
    public void onChange() {
      invalidate();
    }

    /// No value is older than a second, with or without notifications.
    @Override
    public void onInterruption() {}
  }
}
