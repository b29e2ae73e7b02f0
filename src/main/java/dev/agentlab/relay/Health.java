package dev.agentlab.relay;

import java.util.LinkedHashMap;
import java.util.Map;

/// What is remembered of each provider between calls. Safe for all threads.
final class Health {
  private static final int MOST_PROVIDERS = 10_000;

  /// One provider's.
  record Of(CircuitBreaker breaker, RetryBudget budget) {}

  /// By key, the one called longest ago first.
  private final Map<String, Of> providers = new LinkedHashMap<>(16, 0.75f, true);

  synchronized Of of(String key) {
    Of found = providers.computeIfAbsent(key, _ -> new Of(new CircuitBreaker(), new RetryBudget()));
    if (providers.size() > MOST_PROVIDERS) {
      providers.remove(providers.keySet().iterator().next());
    }
    return found;
  }
}
