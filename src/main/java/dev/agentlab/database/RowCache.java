package dev.agentlab.database;

import java.lang.ref.SoftReference;
import java.util.Iterator;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
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
/// Thread-safe. Concurrent loads of one value are not merged.
public final class RowCache<V> {
  private static final int DEFAULT_CAPACITY = 10_000;

  private final ChangeFeed changes;
  private final Function<UUID, V> loader;
  private final int capacity;
  private final ConcurrentMap<UUID, Entry<V>> entries = new ConcurrentHashMap<>();

  /// The position at which the next eviction continues.
  private Iterator<Entry<V>> clockHand = entries.values().iterator();

  /// A cached value, or without a value a placeholder for one that is being loaded. A change of the
  /// row removes its entry, so that an outdated load cannot replace its placeholder.
  private static final class Entry<V> extends SoftReference<V> {
    /// Whether the value was used since the last pass of the eviction. A write lost in a race costs
    /// at most one load.
    boolean used;

    Entry(@Nullable V value) {
      super(value);
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
    Entry<V> entry = entries.get(id);
    V value = entry == null ? null : entry.get();
    if (entry == null || value == null) {
      return loadAndCache(id);
    }
    if (!entry.used) {
      entry.used = true;
    }
    return value;
  }

  private V loadAndCache(UUID id) {
    Entry<V> placeholder = entries.computeIfAbsent(id, _ -> new Entry<>(null));
    Entry<V> entry = null;
    try {
      V value = loader.apply(id);
      entry = new Entry<>(value);
      return value;
    } finally {
      // Neither has an effect if a change has removed the placeholder.
      if (entry == null) {
        entries.remove(id, placeholder);
      } else {
        entries.replace(id, placeholder, entry);
      }
      if (entries.size() > capacity) {
        evict();
      }
    }
  }

  /// Evicts values with the clock algorithm: those not used since the last pass.
  private synchronized void evict() {
    while (entries.size() > capacity) {
      if (!clockHand.hasNext()) {
        clockHand = entries.values().iterator();
        if (!clockHand.hasNext()) {
          return;
        }
      }
      Entry<V> next = clockHand.next();
      if (next.used) {
        next.used = false;
      } else {
        clockHand.remove();
      }
    }
  }

  private final class Invalidator implements ChangeListener {
    @Override
    public void onChange(UUID id) {
      entries.remove(id);
    }

    @Override
    public void onChange() {
      entries.clear();
    }

    @Override
    public void onInterruption() {
      onChange();
    }
  }
}
