package dev.agentlab.modelclient;

/// Limits the retries to a provider, so that they do not overload one that is recovering: one retry
/// per five calls over time, and a burst of ten. Thread-safe.
final class RetryBudget {
  private static final double RETRIES_PER_CALL = 0.2;
  private static final double MAX_RETRIES = 10;

  private double available = MAX_RETRIES;

  /// Counts the first attempt of a call.
  synchronized void recordCall() {
    available = Math.min(MAX_RETRIES, available + RETRIES_PER_CALL);
  }

  /// Acquires a retry.
  ///
  /// @return whether the budget allows it
  synchronized boolean tryAcquire() {
    if (available < 1) {
      return false;
    }
    available--;
    return true;
  }
}
