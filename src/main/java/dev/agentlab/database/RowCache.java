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
/// After a change by this process through [ChangeFeed#changing], no older value is returned; after
/// any other change, none is returned later than one second. While the change feed is not current,
/// the cache is bypassed. Values are softly referenced, so that the garbage collector can reclaim
/// them before memory runs out.
///
/// Thread-safe. Concurrent loads of one value are not merged.
public final class RowCache<V> {
  private static final int MOST = 10_000;

  private final ChangeFeed changes;
  private final Function<UUID, V> load;
  private final int most;
  private final ConcurrentMap<UUID, Kept<V>> rows = new ConcurrentHashMap<>();

  /// The position at which the next eviction continues.
  private Iterator<Kept<V>> hand = rows.values().iterator();

  /// A cached value, or without a value a placeholder for one that is being loaded. A change of the
  /// row removes its entry, so that an outdated load cannot replace its placeholder.
  private static final class Kept<V> extends SoftReference<V> {
    /// Whether the value was used since the last pass of the eviction. A write lost in a race costs
    /// at most one load.
    boolean used;

    Kept(@Nullable V value) {
      super(value);
    }
  }

  /// Creates a cache with the default capacity.
  ///
  /// @param table must have a trigger that notifies of updates and deletes
  /// @param loader reads the current row; its exceptions are propagated and not cached. It throws
  ///   if the row does not exist, because inserts are not notified
  public RowCache(ChangeFeed changes, String table, Function<UUID, V> loader) {
    this(changes, table, loader, MOST);
  }

  RowCache(ChangeFeed changes, String table, Function<UUID, V> loader, int capacity) {
    this.changes = changes;
    this.load = loader;
    this.most = capacity;
    changes.watch(table, new Forgetting());
  }

  /// Returns the value of a row from the cache, or loads it.
  public V get(UUID id) {
    if (!changes.areHeard()) {
      return load.apply(id);
    }
    Kept<V> entry = rows.get(id);
    V value = entry == null ? null : entry.get();
    if (entry == null || value == null) {
      return loaded(id);
    }
    if (!entry.used) {
      entry.used = true;
    }
    return value;
  }

  private V loaded(UUID id) {
    Kept<V> placeholder = rows.computeIfAbsent(id, _ -> new Kept<>(null));
    Kept<V> entry = null;
    try {
      V value = load.apply(id);
      entry = new Kept<>(value);
      return value;
    } finally {
      // Neither has an effect if a change has removed the placeholder.
      if (entry == null) {
        rows.remove(id, placeholder);
      } else {
        rows.replace(id, placeholder, entry);
      }
      if (rows.size() > most) {
        makeRoom();
      }
    }
  }

  /// Evicts values with the clock algorithm: those not used since the last pass.
  private synchronized void makeRoom() {
    while (rows.size() > most) {
      if (!hand.hasNext()) {
        hand = rows.values().iterator();
        if (!hand.hasNext()) {
          return;
        }
      }
      Kept<V> next = hand.next();
      if (next.used) {
        next.used = false;
      } else {
        hand.remove();
      }
    }
  }

  private final class Forgetting implements ChangeListener {
    @Override
    public void changed(UUID id) {
      rows.remove(id);
    }

    @Override
    public void changed() {
      rows.clear();
    }

    @Override
    public void unheard() {
      changed();
    }
  }
}
