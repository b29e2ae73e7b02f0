package dev.agentlab.calls;

import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.NOT_FOUND;

import dev.agentlab.errors.IdOrName;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/// The HTTP route of the statistics of model routes.
final class RouteStatisticsRoutes {
  private static final Param<IdOrName> ID = Param.idOrName("The route's id or name.");

  private RouteStatisticsRoutes() {}

  /// @param routes finds the id of a model route
  static RouteGroup of(Calls calls, Function<IdOrName, Optional<UUID>> routes) {
    return new RouteGroup(
        "/api/routes",
        "Statistics of routes",
        "The calls of a route and of its targets, in numbers.",
        RouteStatisticsRoutes::problem,
        List.of(
            Route.get("/{id}/stats", "Get the statistics of a route")
                .operation(
                    "getRouteStatistics",
                    "Returns the calls of the route in the last hour and in the last day, and those"
                        + " of each of its targets.")
                .requires(CallFeature.CALLS_READ)
                .parameters(ID)
                .returns(200, RouteStatistics.class, INVALID_REQUEST, NOT_FOUND)
                .handledBy(request -> Response.ok(find(request, calls, routes)))));
  }

  private static RouteStatistics find(
      Request<?> request, Calls calls, Function<IdOrName, Optional<UUID>> routes) {
    IdOrName named = request.path(ID);
    return calls.routeStatistics(
        routes.apply(named).orElseThrow(() -> new CallException.RouteNotFound(named)));
  }

  private static Optional<Problem> problem(RuntimeException failure) {
    return failure instanceof CallException e
        ? Optional.of(Problem.of(NOT_FOUND, String.valueOf(e.getMessage())))
        : Optional.empty();
  }
}
