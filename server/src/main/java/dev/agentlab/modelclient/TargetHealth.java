package dev.agentlab.modelclient;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// The circuit breakers and retry budgets of all targets: by provider, credential and model.
/// Thread-safe.
final class TargetHealth {
  private static final int MAX_TARGETS = 10_000;

  /// The circuit breaker, the retry budget and the rates of usage of one target.
  ///
  /// @param providerId empty for an unregistered provider
  record TargetState(
      Optional<UUID> providerId,
      String provider,
      String model,
      CircuitBreaker breaker,
      RetryBudget budget,
      UsageRates rates) {
    private Optional<OpenBreaker> openBreaker() {
      return breaker
          .openState()
          .map(it -> new OpenBreaker(providerId, provider, model, it.cause(), it.since()));
    }
  }

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

  /// The circuit breakers that reject calls now, the least recently called first.
  synchronized List<OpenBreaker> openBreakerList() {
    return targets.values().stream().flatMap(it -> it.openBreaker().stream()).toList();
  }

  synchronized TargetState get(CallTarget target) {
    TargetState state = targets.computeIfAbsent(target.healthKey(), _ -> create(target));
    if (targets.size() > MAX_TARGETS) {
      targets.remove(targets.keySet().iterator().next());
    }
    return state;
  }

  private TargetState create(CallTarget target) {
    return new TargetState(
        target.providerId(),
        target.provider(),
        target.model(),
        breakerFactory.get(),
        new RetryBudget(),
        new UsageRates());
  }
}
