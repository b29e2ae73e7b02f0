package dev.agentlab.modelclient;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// What is remembered of each provider between calls. Safe for all threads.
final class ProviderHealth {
  private static final int MOST_PROVIDERS = 10_000;

  /// One provider's.
  record Of(CircuitBreaker breaker, RetryBudget budget) {}

  /// By key, the one called longest ago first.
  private final Map<String, Of> providers = new LinkedHashMap<>(16, 0.75f, true);

  private final Supplier<CircuitBreaker> breakers;

  /// @param breakers makes a closed one
  ProviderHealth(Supplier<CircuitBreaker> breakers) {
    this.breakers = breakers;
  }

  /// How many circuit breakers refuse calls now.
  synchronized long openBreakers() {
    return providers.values().stream().filter(it -> it.breaker().isOpen()).count();
  }

  synchronized Of of(String key) {
    Of found = providers.computeIfAbsent(key, _ -> new Of(breakers.get(), new RetryBudget()));
    if (providers.size() > MOST_PROVIDERS) {
      providers.remove(providers.keySet().iterator().next());
    }
    return found;
  }
}
