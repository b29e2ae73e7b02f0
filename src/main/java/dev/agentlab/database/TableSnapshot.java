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

/// A cached value computed from all rows of one table, reloaded after a change.
///
/// After a change by this process through [ChangeFeed#changing], no older value is returned; after
/// any other change, none is returned later than one second. While the change feed is not current,
/// the value is reloaded when it is one second old; if the reload fails, there is no value.
///
/// Thread-safe. One thread loads at a time; threads that wait for it share its result.
public final class TableSnapshot<V> {
  private static final long BOUND_NANOS = Duration.ofSeconds(1).toNanos();

  /// How long the error of a failed load is shared with other threads, so that a database that
  /// fails quickly is not queried continuously.
  private static final long FAILURE_NANOS = Duration.ofMillis(500).toNanos();

  private final ChangeFeed changes;
  private final Supplier<V> loader;
  private final LongSupplier nanoTime;
  private final ReentrantLock loading = new ReentrantLock();

  /// The number of changes notified.
  private final AtomicLong told = new AtomicLong();

  /// The number of interruptions of the change feed, in which a notification may have been lost.
  private final AtomicLong gaps = new AtomicLong();

  private volatile @Nullable Loaded<V> loaded;

  /// Guarded by [#loading].
  private @Nullable Failed failed;

  /// A loaded value.
  ///
  /// @param startedAt when the load started, in nanoseconds of the clock
  /// @param changeCount the number of changes at that time
  /// @param gapCount the number of interruptions at that time
  private record Loaded<V>(V value, long startedAt, long changeCount, long gapCount) {}

  private record Failed(UnavailableException failure, long at) {}

  /// Creates a snapshot that is not loaded.
  ///
  /// @param table must have a trigger that notifies of changes
  /// @param loader reads the current rows
  public TableSnapshot(ChangeFeed changes, String table, Supplier<V> loader) {
    this(changes, table, loader, System::nanoTime);
  }

  /// Creates a snapshot with another clock.
  TableSnapshot(ChangeFeed changes, String table, Supplier<V> loader, LongSupplier nanoTime) {
    this.changes = changes;
    this.loader = loader;
    this.nanoTime = nanoTime;
    changes.watch(table, new Counting());
  }

  /// Returns the value if it is current, without loading. Never blocks.
  public Optional<V> present() {
    Loaded<V> last = loaded;
    return last != null && holds(last) ? Optional.of(last.value()) : Optional.empty();
  }

  /// Returns the value, and loads it first if it is not current.
  ///
  /// @throws UnavailableException if the database is unavailable
  public V get() {
    long now = nanoTime.getAsLong();
    Loaded<V> last = loaded;
    if (last != null && holds(last)) {
      return last.value();
    }
    loading.lock();
    try {
      last = loaded;
      if (last != null && (last.startedAt() - now >= 0 || holds(last))) {
        return last.value();
      }
      if (failed != null && failed.at() + FAILURE_NANOS - now > 0) {
        throw failed.failure();
      }
      return load();
    } finally {
      loading.unlock();
    }
  }

  private V load() {
    long changeCountBefore = told.get();
    long gapCountBefore = gaps.get();
    long startedAt = nanoTime.getAsLong();
    try {
      V value = loader.get();
      loaded = new Loaded<>(value, startedAt, changeCountBefore, gapCountBefore);
      failed = null;
      return value;
    } catch (UnavailableException e) {
      failed = new Failed(e, nanoTime.getAsLong());
      throw e;
    }
  }

  private boolean holds(Loaded<V> last) {
    if (last.changeCount() != told.get()) {
      return false;
    }
    return (last.gapCount() == gaps.get() && changes.areHeard())
        || nanoTime.getAsLong() - last.startedAt() < BOUND_NANOS;
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
