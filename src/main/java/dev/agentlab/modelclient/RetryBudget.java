package dev.agentlab.modelclient;

/// Limits the retries to a provider, so that they do not overload one that is recovering: one retry
/// per five calls over time, and a burst of ten. Thread-safe.
final class RetryBudget {
  private static final double PER_CALL = 0.2;
  private static final double MOST = 10;

  private double left = MOST;

  /// Counts the first attempt of a call.
  synchronized void called() {
    left = Math.min(MOST, left + PER_CALL);
  }

  /// Acquires a retry.
  ///
  /// @return whether the budget allows it
  synchronized boolean take() {
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }
}
