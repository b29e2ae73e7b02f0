package dev.agentlab.database;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A cache of values computed from the rows of one table, by row id, with invalidation by the
/// change feed.
///
/// After a change by this process through [ChangeFeed#invalidateAfter], no older value is returned;
/// after any other change, none is returned later than one second. While the change feed is not
/// current, the cache is bypassed. Values are softly referenced, so that the garbage collector can
/// reclaim them before memory runs out.
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

    private Entry(@Nullable V value) {
      this.value = value;
    }
  }

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
    if (!changes.isCurrent()) {
      return loader.apply(id);
    }
    Cache<UUID, Entry<V>> cache = entries();
    Entry<V> entry = cache.getIfPresent(id);
    return entry == null || entry.value == null ? loadAndCache(cache, id) : entry.value;
  }

  /// Returns the value of a row if it is cached, without blocking.
  public Optional<V> getIfCached(UUID id) {
    Cache<UUID, Entry<V>> cache = entries;
    Entry<V> entry = cache == null || !changes.isCurrent() ? null : cache.getIfPresent(id);
    return entry == null ? Optional.empty() : Optional.ofNullable(entry.value);
  }

  private V loadAndCache(Cache<UUID, Entry<V>> cache, UUID id) {
    Entry<V> placeholder = cache.get(id, _ -> new Entry<>(null));
    Entry<V> entry = null;
    try {
      V value = loader.apply(id);
      entry = new Entry<>(value);
      return value;
    } finally {
      // Neither has an effect if a change has removed the placeholder.
      if (entry == null) {
        cache.asMap().remove(id, placeholder);
      } else {
        cache.asMap().replace(id, placeholder, entry);
      }
    }
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

    /// The feed begins with an interruption, when nothing is cached yet.
    @Override
    public void onInterruption() {
      if (entries != null) {
        onChange();
      }
    }
  }
}
