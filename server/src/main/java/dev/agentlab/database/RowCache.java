package dev.agentlab.database;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentlab.errors.UnavailableException;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A cache of values computed from the rows of one table, by row id, with invalidation by the
/// change feed.
///
/// After a change by this process through [ChangeFeed#invalidateAfter], no older value is returned;
/// after any other change, none is returned later than one second. While the change feed is not
/// current, the cache is bypassed, unless the database cannot be reached: then the last value
/// remains in force. Values are softly referenced, so that the garbage collector can reclaim them
/// before memory runs out.
///
/// Thread-safe. Concurrent loads of one value are not merged, and no invalidation waits for a load.
public final class RowCache<V> {
  private static final int DEFAULT_CAPACITY = 10_000;

  private final ChangeFeed changes;
  private final Function<UUID, V> loader;
  private final int capacity;

  /// Created at the first use, because loading its classes would delay the start of the service.
  private volatile @Nullable Cache<UUID, Entry<V>> entries;

  /// A cached value, or without a value a placeholder for one that is being loaded. A change of the
  /// row removes its entry, so that an outdated load cannot replace its placeholder. Compared by
  /// identity.
  private static final class Entry<V> {
    private final @Nullable V value;

    /// The number of interruptions of the change feed when the load began.
    private final long gapCount;

    private Entry(@Nullable V value, long gapCount) {
      this.value = value;
      this.gapCount = gapCount;
    }
  }

  /// The number of interruptions of the change feed, in which a notification may have been lost.
  private final AtomicLong gapCount = new AtomicLong();

  /// Creates a cache with the default capacity.
  ///
  /// @param table must have a trigger that notifies of updates and deletes
  /// @param loader reads the current row; its exceptions are propagated and not cached. It throws
  ///   if the row does not exist, because inserts are not notified
  public RowCache(ChangeFeed changes, String table, Function<UUID, V> loader) {
    this(changes, table, loader, DEFAULT_CAPACITY);
  }

  RowCache(ChangeFeed changes, String table, Function<UUID, V> loader, int capacity) {
    this.changes = changes;
    this.loader = loader;
    this.capacity = capacity;
    changes.subscribe(table, new Invalidator());
  }

  /// Returns the value of a row from the cache, or loads it.
  public V get(UUID id) {
    Optional<V> cached = getIfCached(id);
    if (cached.isPresent()) {
      return cached.get();
    }
    try {
      return changes.isCurrent() ? loadAndCache(entries(), id) : loader.apply(id);
    } catch (UnavailableException e) {
      // The change feed may have found out during the load that the database is away.
      return getIfCached(id).orElseThrow(() -> e);
    }
  }

  /// Returns the value of a row if it is cached, without blocking.
  public Optional<V> getIfCached(UUID id) {
    Cache<UUID, Entry<V>> cache = entries;
    Entry<V> entry = cache == null ? null : cache.getIfPresent(id);
    return entry != null && isInForce(entry) ? Optional.ofNullable(entry.value) : Optional.empty();
  }

  private boolean isInForce(Entry<V> entry) {
    return (entry.gapCount == gapCount.get() && changes.isCurrent()) || changes.isDatabaseAway();
  }

  private V loadAndCache(Cache<UUID, Entry<V>> cache, UUID id) {
    Entry<V> earlier = cache.getIfPresent(id);
    Entry<V> placeholder =
        cache.asMap().compute(id, (_, present) -> isLoading(present) ? present : newPlaceholder());
    // Of a load that fails, the last value is left.
    Entry<V> entry = earlier;
    try {
      V value = loader.apply(id);
      entry = new Entry<>(value, placeholder.gapCount);
      return value;
    } finally {
      // Neither has an effect if a change has removed the placeholder.
      if (entry == null || entry.value == null) {
        cache.asMap().remove(id, placeholder);
      } else {
        cache.asMap().replace(id, placeholder, entry);
      }
    }
  }

  /// Whether an entry is the placeholder of a load that began after the last interruption.
  private boolean isLoading(@Nullable Entry<V> entry) {
    return entry != null && entry.value == null && entry.gapCount == gapCount.get();
  }

  private Entry<V> newPlaceholder() {
    return new Entry<>(null, gapCount.get());
  }

  private Cache<UUID, Entry<V>> entries() {
    Cache<UUID, Entry<V>> present = entries;
    return present == null ? createEntries() : present;
  }

  private synchronized Cache<UUID, Entry<V>> createEntries() {
    Cache<UUID, Entry<V>> present = entries;
    if (present == null) {
      present =
          Caffeine.newBuilder().maximumSize(capacity).softValues().executor(Runnable::run).build();
      entries = present;
    }
    return present;
  }

  private final class Invalidator implements ChangeListener {
    @Override
    public void onChange(UUID id) {
      entries().invalidate(id);
    }

    @Override
    public void onChange() {
      entries().invalidateAll();
    }

    @Override
    public void onInterruption() {
      gapCount.incrementAndGet();
    }
  }
}
