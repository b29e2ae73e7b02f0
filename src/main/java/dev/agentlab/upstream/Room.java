package dev.agentlab.upstream;

import java.util.concurrent.atomic.AtomicLong;

/// Memory that many calls share: what one takes is not there for others until it gives it back.
/// Safe for all threads.
public final class Room {
  private final long size;
  private final AtomicLong left;

  /// @param size bytes
  public Room(long size) {
    this.size = size;
    this.left = new AtomicLong(size);
  }

  /// All there is, taken or not.
  public long size() {
    return size;
  }

  /// Takes some, and says whether there was as much; else nothing is taken.
  public boolean take(long bytes) {
    if (left.addAndGet(-bytes) >= 0) {
      return true;
    }
    give(bytes);
    return false;
  }

  /// Gives back what was taken.
  public void give(long bytes) {
    left.addAndGet(bytes);
  }
}
