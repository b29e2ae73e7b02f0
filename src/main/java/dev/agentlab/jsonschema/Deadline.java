package dev.agentlab.jsonschema;

import java.time.Duration;

/// The deadline of one evaluation. Confined to the evaluating thread.
final class Deadline {
  /// The deadline of the current thread's evaluation. A scoped value, because the validator passes
  /// no context to a regular expression.
  static final ScopedValue<Deadline> CURRENT = ScopedValue.newInstance();

  /// Reading the clock takes longer than a step.
  private static final int STEPS_BETWEEN_CHECKS = 256;

  private final long end;
  private int steps;

  private Deadline(long end) {
    this.end = end;
  }

  static Deadline after(Duration timeout) {
    return new Deadline(System.nanoTime() + timeout.toNanos());
  }

  /// Counts a step. Every 256 steps, checks the deadline and interruption.
  ///
  /// @throws StoppedException if the deadline has passed or the thread was interrupted
  void countStep() {
    if (++steps % STEPS_BETWEEN_CHECKS == 0) {
      check();
    }
  }

  private void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new StoppedException(StoppedException.Reason.INTERRUPTED);
    }
    if (System.nanoTime() - end >= 0) {
      throw new StoppedException(StoppedException.Reason.LIMIT_EXCEEDED);
    }
  }
}
