package dev.agentlab.modelclient;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.Set;

/// The metrics of routes: how their calls ended. Thread-safe.
final class RouteMetrics implements CallListener {
  /// Maximum number of routes with their own series; further ones are counted as `other`.
  static final int MAX_ROUTES = 100;

  private final MeterRegistry registry;
  private final Set<String> routes = new HashSet<>();

  RouteMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void onCallEnd(CallRecord call) {
    call.route().ifPresent(route -> count(route.name(), call.routeResult()));
  }

  private synchronized void count(String route, CallRecord.RouteResult result) {
    boolean hasSeries = routes.contains(route) || routes.size() < MAX_ROUTES;
    if (hasSeries) {
      routes.add(route);
    }
    Counter.builder("agentlab.route.calls")
        .description(
            "calls of routes: answered by the target that came first, moved to a later one, ended"
                + " by an error event, failed without content, or cancelled")
        .tag("route", hasSeries ? route : "other")
        .tag("result", result.text())
        .register(registry)
        .increment();
  }
}
