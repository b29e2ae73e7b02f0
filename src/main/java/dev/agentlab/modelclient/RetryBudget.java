package dev.agentlab.modelclient;

/// Bounds how much of the traffic to a provider may be retries, so that they do not hold down one
/// that is struggling: a fifth of the calls over time, and ten at once. Safe for all threads.
final class RetryBudget {
  private static final double PER_CALL = 0.2;
  private static final double MOST = 10;

  private double left = MOST;

  /// Counts a first try.
  synchronized void called() {
    left = Math.min(MOST, left + PER_CALL);
  }

  /// Takes a retry out of the budget.
  ///
  /// @return whether there was one
  synchronized boolean take() {
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }
}
