package dev.agentlab.memory;

import java.util.concurrent.atomic.AtomicLong;

/// The memory that all requests and responses in flight may take together, in bytes. Each of them
/// counts what it takes in a [Reservation] of its own. Safe for all threads.
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

  /// Bytes that are reserved now. They may exceed the capacity, because memory that is in use
  /// already is counted in any case.
  public long reserved() {
    return reserved.get();
  }

  /// Whether anything is left.
  public boolean hasRoom() {
    return reserved.get() < capacity;
  }

  /// An empty reservation, to be closed by the one who opened it.
  public Reservation open() {
    return new Reservation();
  }

  /// What one request or response takes. Safe for all threads; once closed it stays empty.
  public final class Reservation implements AutoCloseable {
    private long held;
    private boolean closed;

    private Reservation() {}

    /// Reserves more for memory that is about to be used.
    ///
    /// @return false if the budget has not as much left; nothing is reserved then
    public synchronized boolean tryGrow(long bytes) {
      if (reserved.addAndGet(bytes) > capacity) {
        reserved.addAndGet(-bytes);
        return false;
      }
      if (closed) {
        reserved.addAndGet(-bytes);
      } else {
        held += bytes;
      }
      return true;
    }

    /// Counts memory that is in use already, whether the budget has room for it or not.
    public synchronized void grow(long bytes) {
      if (!closed) {
        held += bytes;
        reserved.addAndGet(bytes);
      }
    }

    /// Gives back a part.
    public synchronized void shrink(long bytes) {
      long given = Math.min(bytes, held);
      held -= given;
      reserved.addAndGet(-given);
    }

    /// Whether the whole budget is too small for so much.
    public boolean exceedsBudget(long bytes) {
      return bytes > capacity;
    }

    /// Gives back all of it, once.
    @Override
    public synchronized void close() {
      closed = true;
      shrink(held);
    }
  }
}
