package dev.agentlab.modelclient;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// The circuit breakers and retry budgets of all providers. Thread-safe.
final class ProviderHealth {
  private static final int MAX_PROVIDERS = 10_000;

  /// The circuit breaker and the retry budget of one provider.
  record ProviderState(CircuitBreaker breaker, RetryBudget budget) {}

  /// By key, the least recently called first.
  private final Map<String, ProviderState> providers = new LinkedHashMap<>(16, 0.75f, true);

  private final Supplier<CircuitBreaker> breakerFactory;

  /// @param breakerFactory creates a closed circuit breaker
  ProviderHealth(Supplier<CircuitBreaker> breakerFactory) {
    this.breakerFactory = breakerFactory;
  }

  /// The number of circuit breakers that reject calls now.
  synchronized long openBreakers() {
    return providers.values().stream().filter(it -> it.breaker().isOpen()).count();
  }

  synchronized ProviderState get(String key) {
    ProviderState state =
        providers.computeIfAbsent(
            key, _ -> new ProviderState(breakerFactory.get(), new RetryBudget()));
    if (providers.size() > MAX_PROVIDERS) {
      providers.remove(providers.keySet().iterator().next());
    }
    return state;
  }
}
