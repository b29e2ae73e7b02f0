package dev.agentlab.modelclient;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// The circuit breakers and retry budgets of all targets: by provider, credential and model.
/// Thread-safe.
final class TargetHealth {
  private static final int MAX_TARGETS = 10_000;

  /// The circuit breaker and the retry budget of one target.
  record TargetState(CircuitBreaker breaker, RetryBudget budget) {}

  /// By key, the least recently called first.
  private final Map<String, TargetState> targets = new LinkedHashMap<>(16, 0.75f, true);

  private final Supplier<CircuitBreaker> breakerFactory;

  /// @param breakerFactory creates a closed circuit breaker
  TargetHealth(Supplier<CircuitBreaker> breakerFactory) {
    this.breakerFactory = breakerFactory;
  }

  /// The number of circuit breakers that reject calls now.
  synchronized long openBreakers() {
    return targets.values().stream().filter(it -> it.breaker().isOpen()).count();
  }

  synchronized TargetState get(String key) {
    TargetState state =
        targets.computeIfAbsent(key, _ -> new TargetState(breakerFactory.get(), new RetryBudget()));
    if (targets.size() > MAX_TARGETS) {
      targets.remove(targets.keySet().iterator().next());
    }
    return state;
  }
}
