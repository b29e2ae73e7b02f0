package dev.agentlab.modelclient;

import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.Model;
import dev.agentlab.kinds.ModelListClient;
import dev.agentlab.kinds.ModelListClient.Outcome;
import dev.agentlab.modelclient.ModelList.State;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A cache of the models of each stored provider. Reads never wait for a provider.
///
/// A read starts a fetch in the background if the cached list is missing or stale: at most one
/// fetch per provider and a few fetches in total run at a time. Thread-safe.
public final class ModelCatalog {
  private static final Logger LOG = LoggerFactory.getLogger(ModelCatalog.class);

  /// The age at which a list becomes stale.
  private static final Duration MAX_AGE = Duration.ofSeconds(60);

  /// The time after a failed fetch before the next one.
  private static final Duration FAILURE_BACKOFF = Duration.ofSeconds(10);

  private static final int MAX_PROVIDERS = 1_000;
  private static final int MAX_CONCURRENT_FETCHES = 8;

  private final Function<CallableProvider, Outcome> fetcher;
  private final InstantSource clock;
  private final int maxProviders;
  private final Semaphore permits = new Semaphore(MAX_CONCURRENT_FETCHES);
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("models-", 0).factory());

  /// By provider, in access order: least recently used first.
  private final Map<UUID, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private boolean stopped;

  public ModelCatalog(Transport network, UpstreamLimits limits) {
    this(
        provider -> ModelListClient.fetch(provider, network, limits),
        InstantSource.system(),
        MAX_PROVIDERS);
  }

  ModelCatalog(Function<CallableProvider, Outcome> fetcher, InstantSource clock, int maxProviders) {
    this.fetcher = fetcher;
    this.clock = clock;
    this.maxProviders = maxProviders;
  }

  /// The cached models of a provider. Does not block; may start a fetch.
  ///
  /// @param id the stored provider
  /// @param version the version of the stored provider; an entry of another version is dropped
  public synchronized ModelList models(UUID id, long version, CallableProvider provider) {
    Instant now = clock.instant();
    return refresh(id, version, provider, now).list(now);
  }

  /// The models of a provider, once they are known. Does not block; may start a fetch.
  ///
  /// @param id the stored provider
  /// @param version as for [#models]
  /// @return completed at once if a list is cached, even a stale one, or if the last fetch failed
  ///   and the next one is not due; otherwise completed on another thread when the running fetch
  ///   has succeeded or failed, which may take until its timeouts. Never completed exceptionally
  public synchronized CompletableFuture<ModelList> loaded(
      UUID id, long version, CallableProvider provider) {
    Instant now = clock.instant();
    Entry entry = refresh(id, version, provider, now);
    ModelList list = entry.list(now);
    // A copy, so that cancelling it does not affect other callers.
    return list.state() == State.LOADING
        ? entry.fetch.copy()
        : CompletableFuture.completedFuture(list);
  }

  private synchronized ModelList currentList(Entry entry) {
    return entry.list(clock.instant());
  }

  /// The entry of a provider. Starts a fetch if one is due.
  private Entry refresh(UUID id, long version, CallableProvider provider, Instant now) {
    Entry entry = entries.get(id);
    if (entry == null || entry.version != version) {
      entry = new Entry(version);
      entries.put(id, entry);
      evictEldest();
    }
    if (entry.isDue(now) && !stopped) {
      entry.fetching = true;
      CompletableFuture<ModelList> fetch = new CompletableFuture<>();
      entry.fetch = fetch;
      Entry due = entry;
      executor.execute(() -> {
        try {
          fetch(due, provider);
        } finally {
          markDone(due);
          fetch.complete(currentList(due));
        }
      });
    }
    return entry;
  }

  /// The cached models of a provider, if any. Starts no fetch.
  ///
  /// @param version as for [#models]; evaluated only if the provider has an entry
  public Optional<List<Model>> findCached(UUID id, LongSupplier version) {
    Entry entry;
    synchronized (this) {
      entry = entries.get(id);
    }
    if (entry == null || entry.version != version.getAsLong()) {
      return Optional.empty();
    }
    synchronized (this) {
      return entry.fetchedAt.map(_ -> entry.models);
    }
  }

  /// The cached models of all providers that have any, of whatever version. Starts no fetch, and
  /// does not count as a use of the cached lists.
  public synchronized Map<UUID, List<Model>> allCached() {
    Map<UUID, List<Model>> models = new HashMap<>();
    entries.forEach((id, entry) -> {
      if (entry.fetchedAt.isPresent()) {
        models.put(id, entry.models);
      }
    });
    return models;
  }

  /// Cancels running fetches and starts no more. Cached models remain.
  ///
  /// @throws TimeoutException if fetches have not ended within the timeout
  public void stop(Duration timeout) throws InterruptedException, TimeoutException {
    synchronized (this) {
      stopped = true;
    }
    executor.shutdownNow();
    if (!executor.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException("model lists are still being fetched");
    }
  }

  private void evictEldest() {
    if (entries.size() > maxProviders) {
      entries.remove(entries.keySet().iterator().next());
    }
  }

  private void fetch(Entry entry, CallableProvider provider) {
    try {
      permits.acquire();
      try {
        update(entry, fetcher.apply(provider));
      } finally {
        permits.release();
      }
    } catch (InterruptedException | UpstreamException e) {
      // The catalog is stopping.
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("failed to list the models of a provider of kind {}", provider.kind(), e);
      update(entry, "the list of models could not be read");
    }
  }

  /// Allows the next fetch, after success and failure.
  private synchronized void markDone(Entry entry) {
    entry.fetching = false;
  }

  private synchronized void update(Entry entry, Outcome outcome) {
    switch (outcome) {
      case Outcome.Listed listed -> {
        entry.models = listed.models();
        entry.fetchedAt = Optional.of(clock.instant());
        entry.error = Optional.empty();
      }
      case Outcome.Failed failed -> update(entry, failed.diagnosis().summary());
    }
  }

  private synchronized void update(Entry entry, String error) {
    entry.error = Optional.of(error);
    entry.failedAt = clock.instant();
  }

  /// The cached models of one version of one provider. Guarded by the catalog's lock.
  private static final class Entry {
    private final long version;
    private List<Model> models = List.of();
    private Optional<Instant> fetchedAt = Optional.empty();
    private Optional<String> error = Optional.empty();
    private Instant failedAt = Instant.MIN;
    private boolean fetching;

    /// Completed with the list when the latest fetch has ended.
    private CompletableFuture<ModelList> fetch = new CompletableFuture<>();

    private Entry(long version) {
      this.version = version;
    }

    private boolean isFresh(Instant now) {
      return fetchedAt.filter(at -> now.isBefore(at.plus(MAX_AGE))).isPresent();
    }

    private boolean isDue(Instant now) {
      boolean isBackingOff = error.isPresent() && now.isBefore(failedAt.plus(FAILURE_BACKOFF));
      return !fetching && !isFresh(now) && !isBackingOff;
    }

    private ModelList list(Instant now) {
      State state =
          isFresh(now)
              ? State.FRESH
              : fetchedAt.isPresent() ? State.STALE : fetching ? State.LOADING : State.FAILED;
      return new ModelList(models, fetchedAt, state, error);
    }
  }
}
