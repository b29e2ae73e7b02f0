package dev.agentlab.server;

import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.lifecycle.Lifecycle;
import dev.agentlab.security.Scope;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The routes for monitoring: liveness, readiness and metrics.
final class HealthRoutes {
  private static final String PLAIN_TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private HealthRoutes() {}

  /// @param notice a warning for the operator of a ready service; empty if there is none
  static RouteGroup of(
      Lifecycle lifecycle, Supplier<Optional<String>> notice, PrometheusMeterRegistry metrics) {
    return new RouteGroup(
        "",
        "Health",
        "Liveness, readiness and metrics.",
        List.of(
            Route.get("/healthz", "Check liveness")
                .operation(
                    "getLiveness",
                    "Returns `OK` as long as the process runs, also during startup and while the"
                        + " database is unavailable.")
                .requires(Scope.PUBLIC)
                .probe()
                .returnsText(200, PLAIN_TEXT)
                .handledBy(_ -> Response.text(200, PLAIN_TEXT, "OK")),
            Route.get("/readyz", "Check readiness")
                .operation(
                    "getReadiness",
                    "The first line is `READY` or `NOT READY`. A second line gives the reason, or a"
                        + " warning for the operator.")
                .requires(Scope.PUBLIC)
                .probe()
                .returnsText(200, PLAIN_TEXT, ProblemType.UNAVAILABLE)
                .handledBy(_ -> readiness(lifecycle.unreadyReason(), notice)),
            Route.get("/readyz/calls", "Check readiness for model calls")
                .operation(
                    "getCallReadiness",
                    "As `/readyz`, but without the check of the database: while that is unavailable,"
                        + " model calls of keys that the replica knows are served.")
                .requires(Scope.PUBLIC)
                .probe()
                .returnsText(200, PLAIN_TEXT, ProblemType.UNAVAILABLE)
                .handledBy(_ ->
                    readiness(
                        lifecycle.unreadyReason(Optional.of(RuntimeComponents.DATABASE_CHECK)),
                        notice)),
            Route.get("/metrics", "Get metrics for Prometheus")
                .operation(
                    "getMetrics", "All metrics in the Prometheus text exposition format 0.0.4.")
                .requires(HealthFeature.METRICS_READ)
                .probe()
                .returnsText(200, PROMETHEUS_TEXT)
                .handledBy(_ -> Response.text(200, PROMETHEUS_TEXT, metrics.scrape()))));
  }

  private static Response readiness(
      Optional<String> unreadyReason, Supplier<Optional<String>> notice) {
    return unreadyReason
        .map(reason -> Response.text(503, PLAIN_TEXT, "NOT READY\n" + reason))
        .orElseGet(() ->
            Response.text(200, PLAIN_TEXT, notice.get().map(it -> "READY\n" + it).orElse("READY")));
  }
}
