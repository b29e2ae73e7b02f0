package dev.agentlab.kinds;

import dev.agentlab.kinds.ModelList.State;
import dev.agentlab.kinds.ModelListClient.Outcome;
import dev.agentlab.upstream.Transport;
import dev.agentlab.upstream.UpstreamException;
import dev.agentlab.upstream.UpstreamLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The models of each stored provider, remembered so that asking never waits for a provider.
///
/// A list is fetched in the background when somebody asks for it and the one at hand is missing or
/// old: once at a time per provider, a few at a time in all. Safe for all threads.
public final class ModelCatalog {
  private static final Logger LOG = LoggerFactory.getLogger(ModelCatalog.class);

  /// How long a list counts as fresh.
  private static final Duration FRESH_FOR = Duration.ofSeconds(60);

  /// How long a provider is left alone after a failure.
  private static final Duration REST_AFTER_FAILURE = Duration.ofSeconds(10);

  private static final int MOST_PROVIDERS = 1_000;
  private static final int MOST_AT_ONCE = 8;

  private final Function<LlmProvider, Outcome> call;
  private final InstantSource clock;
  private final int mostProviders;
  private final Semaphore slots = new Semaphore(MOST_AT_ONCE);
  private final ExecutorService fetches =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("models-", 0).factory());

  /// By provider, the one asked for longest ago first.
  private final Map<UUID, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private boolean stopped;

  public ModelCatalog(Transport network, UpstreamLimits limits) {
    this(
        provider -> ModelListClient.to(provider, network, limits),
        InstantSource.system(),
        MOST_PROVIDERS);
  }

  ModelCatalog(Function<LlmProvider, Outcome> call, InstantSource clock, int mostProviders) {
    this.call = call;
    this.clock = clock;
    this.mostProviders = mostProviders;
  }

  /// The models of a provider as far as they are known. Does not wait; a fetch may begin.
  ///
  /// @param id of the stored provider
  /// @param version changes whenever the stored provider does; what is known of another version is
  ///   dropped
  public synchronized ModelList models(UUID id, long version, LlmProvider provider) {
    Entry entry = entries.get(id);
    if (entry == null || entry.version != version) {
      entry = new Entry(version);
      entries.put(id, entry);
      forgetTheEldest();
    }
    Instant now = clock.instant();
    if (entry.isDue(now) && !stopped) {
      entry.fetching = true;
      Entry due = entry;
      fetches.execute(() -> fetch(due, provider));
    }
    return entry.list(now);
  }

  /// The models of a provider if they are known; no fetch begins.
  ///
  /// @param version as for [#models]; asked for only if something is known of the provider
  public Optional<List<Model>> known(UUID id, LongSupplier version) {
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

  /// Cancels the fetches under way and begins no more; what is known stays.
  ///
  /// @throws TimeoutException if they have not ended in time
  public void stop(Duration within) throws InterruptedException, TimeoutException {
    synchronized (this) {
      stopped = true;
    }
    fetches.shutdownNow();
    if (!fetches.awaitTermination(within.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException("lists of models are still being fetched");
    }
  }

  private void forgetTheEldest() {
    if (entries.size() > mostProviders) {
      entries.remove(entries.keySet().iterator().next());
    }
  }

  private void fetch(Entry entry, LlmProvider provider) {
    try {
      slots.acquire();
      try {
        settle(entry, call.apply(provider));
      } finally {
        slots.release();
        done(entry);
      }
    } catch (InterruptedException | UpstreamException e) {
      // The catalog stops; nobody will ask again.
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("listing the models of a provider of kind {} failed", provider.kind(), e);
      settle(entry, "the list could not be read");
    }
  }

  /// However a fetch ended, the next may begin.
  private synchronized void done(Entry entry) {
    entry.fetching = false;
  }

  private synchronized void settle(Entry entry, Outcome outcome) {
    switch (outcome) {
      case Outcome.Listed listed -> {
        entry.models = listed.models();
        entry.fetchedAt = Optional.of(clock.instant());
        entry.error = Optional.empty();
      }
      case Outcome.Failed failed -> settle(entry, failed.diagnosis().summary());
    }
  }

  private synchronized void settle(Entry entry, String error) {
    entry.error = Optional.of(error);
    entry.failedAt = clock.instant();
  }

  /// What is known of one version of one provider. Guarded by the catalog.
  private static final class Entry {
    private final long version;
    private List<Model> models = List.of();
    private Optional<Instant> fetchedAt = Optional.empty();
    private Optional<String> error = Optional.empty();
    private Instant failedAt = Instant.MIN;
    private boolean fetching;

    private Entry(long version) {
      this.version = version;
    }

    private boolean isFresh(Instant now) {
      return fetchedAt.filter(at -> now.isBefore(at.plus(FRESH_FOR))).isPresent();
    }

    private boolean isDue(Instant now) {
      boolean resting = error.isPresent() && now.isBefore(failedAt.plus(REST_AFTER_FAILURE));
      return !fetching && !isFresh(now) && !resting;
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
