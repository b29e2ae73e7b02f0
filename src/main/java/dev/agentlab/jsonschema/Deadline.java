package dev.agentlab.jsonschema;

import java.time.Duration;

/// The time that one evaluation has. For the thread that evaluates.
final class Deadline {
  /// Of the evaluation under way on this thread: the validator hands nothing of ours to a pattern.
  static final ScopedValue<Deadline> CURRENT = ScopedValue.newInstance();

  /// Looking at the clock takes longer than a small step.
  private static final int STEPS_BETWEEN_LOOKS = 256;

  private final long end;
  private int steps;

  private Deadline(long end) {
    this.end = end;
  }

  static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /// Counts a small step.
  ///
  /// @throws StoppedException now and then, once the time is over or the thread interrupted
  void step() {
    if (++steps % STEPS_BETWEEN_LOOKS == 0) {
      look();
    }
  }

  private void look() {
    if (Thread.currentThread().isInterrupted()) {
      throw new StoppedException(StoppedException.Why.INTERRUPTED);
    }
    if (System.nanoTime() - end >= 0) {
      throw new StoppedException(StoppedException.Why.TOO_MUCH);
    }
  }
}
