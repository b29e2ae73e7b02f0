package dev.agentlab.overview;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.modelclient.CallListener;
import dev.agentlab.modelclient.CallRecord;
import dev.agentlab.modelclient.CallSource;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.ProviderError;
import dev.agentlab.security.Caller;
import dev.agentlab.security.CallerId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The model calls of this replica in the last hour, in memory: numbers and latencies by minute, of
/// all calls and of each registered provider, and the last calls of each caller. Thread-safe.
///
/// Memory is bounded to about 12 MiB: the numbers of [#MAX_PROVIDERS] providers, and the last
/// [#MAX_CALLS_PER_CALLER] calls of [#MAX_CALLERS] callers. Beyond these, the providers and callers
/// without a call for the longest time are dropped.
public final class RecentCalls implements CallListener {
  static final int MAX_PROVIDERS = 200;
  static final int MAX_CALLERS = 500;
  static final int MAX_CALLS_PER_CALLER = 50;

  private final InstantSource clock;
  private final CallWindow all = new CallWindow();

  /// The least recently called first.
  private final Map<UUID, ProviderCalls> providers = new LinkedHashMap<>(16, 0.75f, true);

  /// The calls of each caller, the newest first; the caller whose last call is the oldest first.
  private final Map<CallerId, Deque<RecentCall>> callers = new LinkedHashMap<>(16, 0.75f, true);

  /// A failed call.
  ///
  /// @param reason its kind and the status of the response: other callers than that of the call see
  ///   it, so it contains no text of the provider
  record Failure(Instant at, String reason) {}

  /// The calls of a registered provider in a period.
  ///
  /// @param name the name at its last call
  record ProviderTotals(UUID id, String name, CallTotals totals, Optional<Failure> lastFailure) {}

  private static final class ProviderCalls {
    private final CallWindow window = new CallWindow();
    private String name = "";
    private Optional<Failure> lastFailure = Optional.empty();
  }

  public RecentCalls(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void onCallEnd(CallRecord call) {
    Instant now = clock.instant();
    RecentCall.Status status = status(call);
    RecentCall row = row(call, status, now);
    Optional<UUID> provider = call.target().providerId();
    synchronized (this) {
      boolean isProviderFailure = isProviderFailure(call);
      all.record(now, status, isProviderFailure, call.duration());
      if (provider.isPresent()) {
        ProviderCalls calls = providers.computeIfAbsent(provider.get(), _ -> new ProviderCalls());
        removeEldest(providers, MAX_PROVIDERS);
        calls.name = call.provider();
        calls.window.record(now, status, isProviderFailure, call.duration());
        if (status == RecentCall.Status.FAILED) {
          calls.lastFailure = Optional.of(new Failure(now, reason(call)));
        }
      }
      Deque<RecentCall> calls =
          callers.computeIfAbsent(CallerId.of(call.source().caller()), _ -> new ArrayDeque<>());
      removeEldest(callers, MAX_CALLERS);
      calls.addFirst(row);
      if (calls.size() > MAX_CALLS_PER_CALLER) {
        calls.removeLast();
      }
    }
  }

  private static <K, V> void removeEldest(Map<K, V> map, int limit) {
    if (map.size() > limit) {
      map.remove(map.keySet().iterator().next());
    }
  }

  private static RecentCall.Status status(CallRecord call) {
    return call.failure()
        .map(it ->
            it instanceof ModelCallException e && e.kind() == ModelCallException.Kind.CANCELLED
                ? RecentCall.Status.CANCELLED
                : RecentCall.Status.FAILED)
        .orElse(RecentCall.Status.OK);
  }

  private static String reason(CallRecord call) {
    return call.outcome() + upstreamStatus(call).map(it -> " (status %d)".formatted(it)).orElse("");
  }

  private static Optional<Integer> upstreamStatus(CallRecord call) {
    return call.failure()
        .flatMap(it -> it instanceof ModelCallException e ? e.upstream() : Optional.empty())
        .map(ProviderError::status);
  }

  /// Whether a call failed for a reason that other calls of the provider share, rather than for its
  /// content.
  private static boolean isProviderFailure(CallRecord call) {
    if (call.failure().isEmpty() || !(call.failure().get() instanceof ModelCallException failure)) {
      return false;
    }
    return switch (failure.kind()) {
      case UNREACHABLE, TIMED_OUT, BROKEN, SUSPENDED, NO_TARGET -> true;
      case REFUSED ->
          failure.isTransient()
              || upstreamStatus(call)
                  .filter(it -> it == 401 || it == 403 || it == 429 || it >= 500)
                  .isPresent();
      case OVERLOADED, CANCELLED -> false;
    };
  }

  private static RecentCall row(CallRecord call, RecentCall.Status status, Instant now) {
    Caller caller = call.source().caller();
    Optional<CallSource.CalledAgent> agent = call.source().agent();
    return new RecentCall(
        now,
        caller.id(),
        caller.name(),
        call.provider(),
        // A caller may have invented a long name.
        Excerpt.of(call.model()),
        agent.map(CallSource.CalledAgent::name),
        agent.map(CallSource.CalledAgent::id),
        status,
        status == RecentCall.Status.FAILED ? Optional.of(call.outcome()) : Optional.empty(),
        call.duration().toMillis(),
        call.firstContent().map(Duration::toMillis),
        positive(call.usage().totalInput()),
        positive(call.usage().output()),
        call.streamed());
  }

  private static Optional<Long> positive(long tokens) {
    return tokens > 0 ? Optional.of(tokens) : Optional.empty();
  }

  /// The calls of the last hour.
  synchronized CallStatistics statistics() {
    Instant now = clock.instant();
    CallTotals totals = all.totals(now, CallWindow.MINUTES);
    return new CallStatistics(
        all.lastMinutes(now), totals.calls(), totals.failed(), totals.p50Ms(), totals.p95Ms());
  }

  /// The calls of the providers that have any in the last minutes, the present one included.
  ///
  /// @param minutes at most 60
  synchronized List<ProviderTotals> byProvider(int minutes) {
    Instant now = clock.instant();
    List<ProviderTotals> totals = new ArrayList<>();
    providers.forEach((id, calls) -> {
      CallTotals sum = calls.window.totals(now, minutes);
      if (sum.calls() > 0) {
        totals.add(new ProviderTotals(id, calls.name, sum, calls.lastFailure));
      }
    });
    return totals;
  }

  /// The last calls of some callers, the newest first, at most 50.
  synchronized List<RecentCall> of(Collection<CallerId> ids) {
    // Not get, which would make a caller whose calls are read one that calls.
    return callers.entrySet().stream()
        .filter(it -> ids.contains(it.getKey()))
        .flatMap(it -> it.getValue().stream())
        .sorted(Comparator.comparing(RecentCall::at).reversed())
        .limit(MAX_CALLS_PER_CALLER)
        .toList();
  }
}
