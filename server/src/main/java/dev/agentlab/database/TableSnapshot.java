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
/// After a change by this process through [ChangeFeed#invalidateAfter], no older value is returned;
/// after any other change, none is returned later than one second. While the change feed is not
/// current, the value is reloaded when it is one second old; if the reload fails, there is no
/// value. What was loaded last can still be read while the database cannot be reached.
///
/// Thread-safe. One thread loads at a time; threads that wait for it share its result.
public final class TableSnapshot<V> {
  private static final long MAX_AGE_NANOS = Duration.ofSeconds(1).toNanos();

  /// How long the error of a failed load is shared with other threads, so that a database that
  /// fails quickly is not queried continuously.
  private static final long FAILURE_VALIDITY_NANOS = Duration.ofMillis(500).toNanos();

  private final ChangeFeed changes;
  private final Supplier<V> loader;
  private final LongSupplier nanoTime;
  private final ReentrantLock loading = new ReentrantLock();

  /// The number of changes notified.
  private final AtomicLong changeCount = new AtomicLong();

  /// The number of interruptions of the change feed, in which a notification may have been lost.
  private final AtomicLong gapCount = new AtomicLong();

  private volatile @Nullable LoadedValue<V> loaded;

  /// Guarded by [#loading].
  private @Nullable FailedLoad failed;

  /// A loaded value.
  ///
  /// @param startedAt when the load started, in nanoseconds of the clock
  /// @param changeCount the number of changes at that time
  /// @param gapCount the number of interruptions at that time
  private record LoadedValue<V>(V value, long startedAt, long changeCount, long gapCount) {}

  private record FailedLoad(UnavailableException failure, long failedAt) {}

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
    changes.subscribe(table, new ChangeCounter());
  }

  /// Returns the value if it is current, without loading. Never blocks.
  public Optional<V> getIfCurrent() {
    LoadedValue<V> last = loaded;
    return last != null && isCurrent(last) ? Optional.of(last.value()) : Optional.empty();
  }

  /// Returns the value that was loaded last, if the database cannot be reached. Never blocks.
  public Optional<V> getIfAway() {
    LoadedValue<V> last = loaded;
    return last != null && changes.isDatabaseAway() ? Optional.of(last.value()) : Optional.empty();
  }

  /// Returns the value, and loads it first if it is not current.
  ///
  /// @throws UnavailableException if the database is unavailable
  public V get() {
    long now = nanoTime.getAsLong();
    LoadedValue<V> last = loaded;
    if (last != null && isCurrent(last)) {
      return last.value();
    }
    loading.lock();
    try {
      last = loaded;
      if (last != null && (last.startedAt() - now >= 0 || isCurrent(last))) {
        return last.value();
      }
      if (failed != null && failed.failedAt() + FAILURE_VALIDITY_NANOS - now > 0) {
        throw failed.failure();
      }
      return load();
    } finally {
      loading.unlock();
    }
  }

  private V load() {
    long changeCountBefore = changeCount.get();
    long gapCountBefore = gapCount.get();
    long startedAt = nanoTime.getAsLong();
    try {
      V value = loader.get();
      loaded = new LoadedValue<>(value, startedAt, changeCountBefore, gapCountBefore);
      failed = null;
      return value;
    } catch (UnavailableException e) {
      failed = new FailedLoad(e, nanoTime.getAsLong());
      throw e;
    }
  }

  private boolean isCurrent(LoadedValue<V> last) {
    if (last.changeCount() != changeCount.get()) {
      return false;
    }
    return (last.gapCount() == gapCount.get() && changes.isCurrent())
        || nanoTime.getAsLong() - last.startedAt() < MAX_AGE_NANOS;
  }

  private final class ChangeCounter implements ChangeListener {
    @Override
    public void onChange(UUID id) {
      changeCount.incrementAndGet();
    }

    @Override
    public void onChange() {
      changeCount.incrementAndGet();
    }

    @Override
    public void onInterruption() {
      gapCount.incrementAndGet();
    }
  }
}
