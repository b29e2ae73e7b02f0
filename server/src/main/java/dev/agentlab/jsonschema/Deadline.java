package dev.agentlab.jsonschema;

import java.time.Duration;

/// The time at which one evaluation must end.
final class Deadline {
  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  static Deadline after(Duration timeout) {
    return new Deadline(System.nanoTime() + timeout.toNanos());
  }

  /// @throws LimitExceededException if the deadline has passed or the thread was interrupted
  void check() {
    if (System.nanoTime() - end >= 0 || Thread.currentThread().isInterrupted()) {
      throw new LimitExceededException();
    }
  }
}
