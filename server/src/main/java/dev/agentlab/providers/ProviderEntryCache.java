package dev.agentlab.providers;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.agentlab.eventloop.Completions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A cache of the list of all providers, which is loaded on a virtual thread. A list is never used
/// more than a second after its load began; after half a second, a use starts the next load. The
/// age is limited because the change feed does not notify of inserts.
///
/// Thread-safe; no method blocks.
final class ProviderEntryCache {
  static final Duration MAX_AGE = Duration.ofSeconds(1);
  static final Duration REFRESH_AGE = Duration.ofMillis(500);

  /// The only key.
  private static final String ALL = "all";

  private final Supplier<List<ProviderEntry>> loader;
  private final LongSupplier nanoTime;
  private final Executor executor;

  /// Created at the first use, because loading its classes would delay the start of the service.
  private volatile @Nullable AsyncLoadingCache<String, Loaded> cache;

  /// The result of a load. A failure is a value that expires at once, because Caffeine would log
  /// the exception of every failed load.
  ///
  /// @param startedAt when the load began, as [System#nanoTime]
  private record Loaded(
      List<ProviderEntry> entries, Optional<RuntimeException> failure, long startedAt) {}

  /// @param loader reads all providers; may block
  ProviderEntryCache(Supplier<List<ProviderEntry>> loader) {
    this(
        loader,
        System::nanoTime,
        task ->
            Thread.ofVirtual()
                .name("provider-entries")
                .inheritInheritableThreadLocals(false)
                .start(task));
  }

  /// @param executor runs loads
  ProviderEntryCache(
      Supplier<List<ProviderEntry>> loader, LongSupplier nanoTime, Executor executor) {
    this.loader = loader;
    this.nanoTime = nanoTime;
    this.executor = executor;
  }

  /// The list, if one is cached. Does not start a load otherwise.
  Optional<List<ProviderEntry>> getIfCached() {
    AsyncLoadingCache<String, Loaded> present = cache;
    CompletableFuture<Loaded> loaded = present == null ? null : present.getIfPresent(ALL);
    return loaded == null || loaded.state() != CompletableFuture.State.SUCCESS
        ? Optional.empty()
        : Optional.of(loaded.resultNow()).filter(it -> it.failure().isEmpty()).map(Loaded::entries);
  }

  /// The list from the cache, or that of a load, which may have begun before.
  ///
  /// @return completed with the exception of the loader if the load fails
  CompletableFuture<List<ProviderEntry>> get() {
    CompletableFuture<List<ProviderEntry>> result = new CompletableFuture<>();
    var _ =
        cache()
            .get(ALL)
            .whenComplete((loaded, failure) -> {
              if (failure != null) {
                result.completeExceptionally(Completions.cause(failure));
              } else if (loaded.failure().isPresent()) {
                result.completeExceptionally(loaded.failure().get());
              } else {
                result.complete(loaded.entries());
              }
            });
    return result;
  }

  /// Drops the list, and that of a running load.
  void invalidate() {
    AsyncLoadingCache<String, Loaded> present = cache;
    if (present != null) {
      present.synchronous().invalidate(ALL);
    }
  }

  private AsyncLoadingCache<String, Loaded> cache() {
    AsyncLoadingCache<String, Loaded> present = cache;
    return present == null ? create() : present;
  }

  private synchronized AsyncLoadingCache<String, Loaded> create() {
    AsyncLoadingCache<String, Loaded> present = cache;
    if (present == null) {
      present =
          Caffeine.newBuilder()
              .expireAfter(Expiry.<String, Loaded>writing((_, loaded) -> timeToLive(loaded)))
              .refreshAfterWrite(REFRESH_AGE)
              .ticker(nanoTime::getAsLong)
              .executor(Runnable::run)
              .buildAsync(new Loader());
      cache = present;
    }
    return present;
  }

  private Duration timeToLive(Loaded loaded) {
    Duration left =
        loaded.failure().isPresent()
            ? Duration.ZERO
            : MAX_AGE.minusNanos(nanoTime.getAsLong() - loaded.startedAt());
    return left.isNegative() ? Duration.ZERO : left;
  }

  private final class Loader implements AsyncCacheLoader<String, Loaded> {
    @Override
    public CompletableFuture<Loaded> asyncLoad(String key, Executor ignored) {
      return CompletableFuture.supplyAsync(this::load, executor);
    }

    /// A failed refresh keeps the old list, until that expires.
    @Override
    public CompletableFuture<Loaded> asyncReload(String key, Loaded old, Executor ignored) {
      return asyncLoad(key, ignored).thenApply(it -> it.failure().isPresent() ? old : it);
    }

    private Loaded load() {
      long startedAt = nanoTime.getAsLong();
      try {
        return new Loaded(List.copyOf(loader.get()), Optional.empty(), startedAt);
      } catch (RuntimeException e) {
        return new Loaded(List.of(), Optional.of(e), startedAt);
      }
    }
  }
}
