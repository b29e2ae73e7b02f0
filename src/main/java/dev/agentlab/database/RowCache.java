package dev.agentlab.database;

import java.lang.ref.SoftReference;
import java.util.Iterator;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/// Values made of rows of one table, by the row's id, kept until the row changes.
///
/// Of a change by this process, made through [Changes#changing], nothing older is given from the
/// moment that returns; of any other change, after a second at most. While changes are not heard
/// every value is loaded. Values are held softly: many large ones give way before memory runs out.
///
/// Safe for all threads; concurrent loads of one value are not joined.
public final class RowCache<V> {
  private static final int MOST = 10_000;

  private final Changes changes;
  private final Function<UUID, V> load;
  private final int most;
  private final ConcurrentMap<UUID, Kept<V>> rows = new ConcurrentHashMap<>();

  /// Goes up with each change, before what it concerns is removed: what was loaded at an earlier
  /// count may be older than the change.
  private final AtomicLong count = new AtomicLong();

  /// Where [#makeRoom] goes on.
  private Iterator<Kept<V>> hand = rows.values().iterator();

  private static final class Kept<V> extends SoftReference<V> {
    /// Since the hand last passed. A write lost in a race costs a load at most.
    boolean used;

    Kept(V value) {
      super(value);
    }
  }

  /// @param table has a trigger that tells its changes
  /// @param load reads the row as it is now; what it throws goes to who asked, and is not kept
  public RowCache(Changes changes, String table, Function<UUID, V> load) {
    this(changes, table, load, MOST);
  }

  RowCache(Changes changes, String table, Function<UUID, V> load, int most) {
    this.changes = changes;
    this.load = load;
    this.most = most;
    changes.watch(table, new Forgetting());
  }

  /// The value of a row, kept or loaded.
  public V get(UUID id) {
    if (!changes.areHeard()) {
      return load.apply(id);
    }
    Kept<V> kept = rows.get(id);
    V value = kept == null ? null : kept.get();
    if (kept == null || value == null) {
      return loaded(id);
    }
    if (!kept.used) {
      kept.used = true;
    }
    return value;
  }

  private V loaded(UUID id) {
    long before = count.get();
    V value = load.apply(id);
    Kept<V> fresh = new Kept<>(value);
    // Looks at the count within the map's own lock on the id, which removing it needs too.
    rows.compute(id, (_, other) -> count.get() == before ? fresh : other);
    if (rows.size() > most) {
      makeRoom();
    }
    return value;
  }

  /// Removes values that were not used since it last came by (the clock algorithm).
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

  private final class Forgetting implements Watcher {
    @Override
    public void changed(UUID id) {
      count.incrementAndGet();
      rows.remove(id);
    }

    @Override
    public void changed() {
      count.incrementAndGet();
      rows.clear();
    }

    @Override
    public void unheard() {
      changed();
    }
  }
}
