package dev.agentlab.database;

import java.lang.ref.SoftReference;
import java.util.Iterator;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Values made of rows of one table, by the row's id, kept until the row changes.
///
/// Of a change by this process, made through [ChangeFeed#changing], nothing older is given from the
/// moment that returns; of any other change, after a second at most. While changes are not heard
/// every value is loaded. Values are held softly: many large ones give way before memory runs out.
///
/// Safe for all threads; concurrent loads of one value are not joined.
public final class RowCache<V> {
  private static final int MOST = 10_000;

  private final ChangeFeed changes;
  private final Function<UUID, V> load;
  private final int most;
  private final ConcurrentMap<UUID, Kept<V>> rows = new ConcurrentHashMap<>();

  /// Where [#makeRoom] goes on.
  private Iterator<Kept<V>> hand = rows.values().iterator();

  /// A value, or without one the place of a value that is being loaded. As long as it stands for a
  /// row, the row is not known to have changed since it was put there.
  private static final class Kept<V> extends SoftReference<V> {
    /// Since the hand last passed. A write lost in a race costs a load at most.
    boolean used;

    Kept(@Nullable V value) {
      super(value);
    }
  }

  /// @param table has a trigger that tells when its rows are updated or deleted
  /// @param load reads the row as it is now; what it throws goes to who asked, and is not kept. It
  ///   throws if there is no row, because nothing tells when one is inserted
  public RowCache(ChangeFeed changes, String table, Function<UUID, V> load) {
    this(changes, table, load, MOST);
  }

  RowCache(ChangeFeed changes, String table, Function<UUID, V> load, int most) {
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
    Kept<V> place = rows.computeIfAbsent(id, _ -> new Kept<>(null));
    Kept<V> fresh = null;
    try {
      V value = load.apply(id);
      fresh = new Kept<>(value);
      return value;
    } finally {
      // Nothing stands there any more if the row changed meanwhile.
      if (fresh == null) {
        rows.remove(id, place);
      } else {
        rows.replace(id, place, fresh);
      }
      if (rows.size() > most) {
        makeRoom();
      }
    }
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
