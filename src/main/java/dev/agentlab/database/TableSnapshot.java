package dev.agentlab.database;

import dev.agentlab.errors.UnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A value made of all rows of one table, loaded once and again after a change.
///
/// Of a change by this process, made through [ChangeFeed#changing], nothing older is given from the
/// moment that returns; of any other change, after a second at most. While changes are not heard
/// the value is loaded anew when it is a second old, and while it cannot be, there is none.
///
/// Safe for all threads. However many ask, one loads at a time, and those who wait meanwhile get
/// what it got.
public final class TableSnapshot<V> {
  private static final long BOUND_NANOS = Duration.ofSeconds(1).toNanos();

  /// For how long a load that failed answers for others, so that a database that refuses quickly is
  /// not asked all the time.
  private static final long FAILURE_NANOS = Duration.ofMillis(500).toNanos();

  private final ChangeFeed changes;
  private final Supplier<V> load;
  private final LongSupplier nanoTime;
  private final ReentrantLock loading = new ReentrantLock();

  /// Goes up with each change that was told of.
  private final AtomicLong told = new AtomicLong();

  /// Goes up whenever a change may have gone untold.
  private final AtomicLong gaps = new AtomicLong();

  private volatile @Nullable Loaded<V> loaded;

  /// Only touched by who loads.
  private @Nullable Failed failed;

  /// A value that was loaded.
  ///
  /// @param began before anything was read, in nanoseconds of the clock
  /// @param told the count then
  /// @param gaps the count then
  private record Loaded<V>(V value, long began, long told, long gaps) {}

  private record Failed(UnavailableException failure, long at) {}

  /// @param table has a trigger that tells its changes
  /// @param load reads the rows as they are now
  public TableSnapshot(ChangeFeed changes, String table, Supplier<V> load) {
    this(changes, table, load, System::nanoTime);
  }

  /// One that ages by another clock.
  TableSnapshot(ChangeFeed changes, String table, Supplier<V> load, LongSupplier nanoTime) {
    this.changes = changes;
    this.load = load;
    this.nanoTime = nanoTime;
    changes.watch(table, new Counting());
  }

  /// The value, if none needs to be loaded; never waits.
  public Optional<V> present() {
    Loaded<V> last = loaded;
    return last != null && holds(last) ? Optional.of(last.value()) : Optional.empty();
  }

  /// The value, loaded if need be.
  ///
  /// @throws UnavailableException if the database cannot answer now
  public V get() {
    long asked = nanoTime.getAsLong();
    Loaded<V> last = loaded;
    if (last != null && holds(last)) {
      return last.value();
    }
    loading.lock();
    try {
      last = loaded;
      if (last != null && (last.began() - asked >= 0 || holds(last))) {
        return last.value();
      }
      if (failed != null && failed.at() + FAILURE_NANOS - asked > 0) {
        throw failed.failure();
      }
      return load();
    } finally {
      loading.unlock();
    }
  }

  private V load() {
    long toldBefore = told.get();
    long gapsBefore = gaps.get();
    long began = nanoTime.getAsLong();
    try {
      V value = load.get();
      loaded = new Loaded<>(value, began, toldBefore, gapsBefore);
      failed = null;
      return value;
    } catch (UnavailableException e) {
      failed = new Failed(e, nanoTime.getAsLong());
      throw e;
    }
  }

  private boolean holds(Loaded<V> last) {
    if (last.told() != told.get()) {
      return false;
    }
    return (last.gaps() == gaps.get() && changes.areHeard())
        || nanoTime.getAsLong() - last.began() < BOUND_NANOS;
  }

  private final class Counting implements ChangeListener {
    @Override
    public void changed(UUID id) {
      told.incrementAndGet();
    }

    @Override
    public void changed() {
      told.incrementAndGet();
    }

    @Override
    public void unheard() {
      gaps.incrementAndGet();
    }
  }
}
