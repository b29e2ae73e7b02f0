package dev.agentlab.overview;

import static dev.agentlab.agents.AgentFeature.AGENTS_READ;
import static dev.agentlab.keys.KeyFeature.KEYS_ADMIN;
import static dev.agentlab.providers.ProviderFeature.PROVIDERS_READ;
import static dev.agentlab.routing.ModelRouteFeature.ROUTES_READ;

import dev.agentlab.agents.Agents;
import dev.agentlab.keys.ApiKey;
import dev.agentlab.keys.Keys;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.modelclient.OpenBreaker;
import dev.agentlab.overview.Overview.Attention;
import dev.agentlab.overview.Overview.Breaker;
import dev.agentlab.overview.Overview.Count;
import dev.agentlab.overview.Overview.ExpiringKey;
import dev.agentlab.overview.Overview.FailedCall;
import dev.agentlab.overview.Overview.Health;
import dev.agentlab.overview.Overview.ProviderHealth;
import dev.agentlab.overview.Overview.Readiness;
import dev.agentlab.overview.RecentCalls.ProviderTotals;
import dev.agentlab.providers.Providers;
import dev.agentlab.routing.ModelRoutes;
import dev.agentlab.security.Caller;
import dev.agentlab.security.CallerId;
import dev.agentlab.security.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Reads what the overview shows to a caller. Calls no provider.
///
/// @param unreadyReason the reason why the replica is not ready; empty if it is ready
record OverviewReader(
    Supplier<Optional<String>> unreadyReason,
    Providers providers,
    Agents agents,
    ModelRoutes routes,
    Keys keys,
    ModelClient models,
    RecentCalls calls) {
  private static final Duration EXPIRY_NOTICE = Duration.ofDays(14);
  private static final int FAILURE_MINUTES = 10;
  private static final int MAX_BREAKERS = 100;

  Overview overview(Caller caller) {
    return new Overview(
        health(),
        ifAllowed(caller, PROVIDERS_READ, calls::statistics),
        ifAllowed(caller, PROVIDERS_READ, () -> new Count(providers.count())),
        ifAllowed(caller, AGENTS_READ, () -> new Count(agents.count())),
        ifAllowed(caller, ROUTES_READ, () -> new Count(routes.count())),
        new Attention(
            ifAllowed(caller, PROVIDERS_READ, this::openBreakers),
            ifAllowed(caller, PROVIDERS_READ, this::failingProviders),
            expiringKeys(caller)));
  }

  private static <T> Optional<T> ifAllowed(Caller caller, Scope scope, Supplier<T> part) {
    return caller.grants().allows(scope) ? Optional.of(part.get()) : Optional.empty();
  }

  private Health health() {
    Optional<String> reason = unreadyReason.get();
    return new Health(reason.isPresent() ? Readiness.NOT_READY : Readiness.READY, reason);
  }

  private List<Breaker> openBreakers() {
    return models.openBreakers().stream()
        .limit(MAX_BREAKERS)
        .map(it -> new Breaker(it.providerId(), it.provider(), it.model(), it.cause(), it.since()))
        .toList();
  }

  private List<ProviderHealth> failingProviders() {
    return providerHealth().stream().filter(ProviderHealth::failing).toList();
  }

  private List<ExpiringKey> expiringKeys(Caller caller) {
    Instant until = Instant.now().plus(EXPIRY_NOTICE);
    List<ApiKey> expiring =
        caller.grants().allows(KEYS_ADMIN)
            ? keys.findExpiring(until)
            : keys.findOwnExpiring(until, caller);
    return expiring.stream()
        .map(it -> new ExpiringKey(it.id(), it.name(), it.expiresAt().orElseThrow()))
        .toList();
  }

  /// The registered providers with calls in the last hour or an open circuit breaker.
  List<ProviderHealth> providerHealth() {
    Map<UUID, OpenBreaker> open = new LinkedHashMap<>();
    models.openBreakers().forEach(it -> it.providerId().ifPresent(id -> open.putIfAbsent(id, it)));
    Map<UUID, CallTotals> recent =
        calls.byProvider(FAILURE_MINUTES).stream()
            .collect(Collectors.toMap(ProviderTotals::id, ProviderTotals::totals));
    List<ProviderHealth> health = new ArrayList<>();
    for (ProviderTotals called : calls.byProvider(CallWindow.MINUTES)) {
      health.add(
          new ProviderHealth(
              called.id(),
              called.name(),
              called.totals().calls(),
              called.totals().failed(),
              called.totals().p50Ms(),
              called.totals().p95Ms(),
              open.remove(called.id()) != null,
              isFailing(recent.getOrDefault(called.id(), called.totals())),
              called.lastFailure().map(FailedCall::of)));
    }
    open.forEach((id, breaker) ->
        health.add(
            new ProviderHealth(
                id,
                breaker.provider(),
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                true,
                false,
                Optional.empty())));
    return health;
  }

  private static boolean isFailing(CallTotals totals) {
    return totals.providerFailures() * 2 > totals.calls();
  }

  /// The recent calls of the caller and of the keys that it owns.
  ///
  /// @param key only those of this key
  /// @throws dev.agentlab.keys.KeyException.NotFound if there is no such key, or the caller may not
  ///   know of it
  List<RecentCall> recentCalls(Caller caller, Optional<UUID> key) {
    CallerId self = CallerId.of(caller);
    if (key.isPresent()) {
      CallerId named = CallerId.ofKey(key.get());
      if (!named.equals(self)) {
        requireVisible(key.get(), caller);
      }
      return calls.of(Set.of(named));
    }
    List<CallerId> ids = new ArrayList<>(List.of(self));
    keys.findOwnIds(caller).forEach(id -> ids.add(CallerId.ofKey(id)));
    return calls.of(Set.copyOf(ids));
  }

  private void requireVisible(UUID key, Caller caller) {
    if (caller.grants().allows(KEYS_ADMIN)) {
      ApiKey _ = keys.find(key);
    } else {
      keys.requireOwn(key, caller);
    }
  }
}
