package dev.agentlab.memory;

import java.util.concurrent.atomic.AtomicLong;

/// The memory budget shared by all requests and responses in flight, in bytes. Each request or
/// response has its own [Reservation]. Thread-safe.
public final class MemoryBudget {
  private final long capacity;
  private final AtomicLong reserved = new AtomicLong();

  /// @param capacity bytes
  public MemoryBudget(long capacity) {
    this.capacity = capacity;
  }

  public long capacity() {
    return capacity;
  }

  /// The number of reserved bytes. It can exceed the capacity, because [Reservation#grow] counts
  /// memory that is already in use.
  public long reserved() {
    return reserved.get();
  }

  /// Whether the budget is not exhausted.
  public boolean hasRoom() {
    return reserved.get() < capacity;
  }

  /// Opens an empty reservation, which the caller must close.
  public Reservation open() {
    return new Reservation();
  }

  /// The memory of one request or response. Stays empty after it is closed. Thread-safe.
  public final class Reservation implements AutoCloseable {
    private long reservedBytes;
    private boolean closed;

    private Reservation() {}

    /// Reserves memory before it is used.
    ///
    /// @return false if the budget does not have that much left; nothing is reserved then
    public synchronized boolean tryGrow(long bytes) {
      if (reserved.addAndGet(bytes) > capacity) {
        reserved.addAndGet(-bytes);
        return false;
      }
      if (closed) {
        reserved.addAndGet(-bytes);
      } else {
        reservedBytes += bytes;
      }
      return true;
    }

    /// Counts memory that is already in use, even beyond the capacity.
    public synchronized void grow(long bytes) {
      if (!closed) {
        reservedBytes += bytes;
        reserved.addAndGet(bytes);
      }
    }

    /// Releases a part.
    public synchronized void shrink(long bytes) {
      long released = Math.min(bytes, reservedBytes);
      reservedBytes -= released;
      reserved.addAndGet(-released);
    }

    /// Whether the number of bytes exceeds the total capacity.
    public boolean exceedsBudget(long bytes) {
      return bytes > capacity;
    }

    /// Releases everything. Has no effect when already closed.
    @Override
    public synchronized void close() {
      closed = true;
      shrink(reservedBytes);
    }
  }
}
