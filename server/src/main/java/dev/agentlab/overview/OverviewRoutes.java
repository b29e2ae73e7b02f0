package dev.agentlab.overview;

import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.providers.ProviderFeature.PROVIDERS_READ;
import static dev.agentlab.security.Scope.AUTHENTICATED;

import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.keys.KeyException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The HTTP routes of the overview and of the recent calls.
final class OverviewRoutes {
  private static final Param<UUID> KEY =
      Param.queryId(
          "key",
          "The id of an API key: only the calls of this key, which is the caller's own, one that it"
              + " owns or, with `keys:admin`, any.");

  private OverviewRoutes() {}

  static RouteGroup of(OverviewReader reader) {
    return new RouteGroup(
        "/api",
        "Overview",
        "The state of the service, and the model calls of the last hour through the replica that"
            + " answers.",
        OverviewRoutes::toProblem,
        List.of(
            Route.get("/overview", "Get the state of the service")
                .operation(
                    "getOverview",
                    "Health, calls of the last hour, and what needs attention: the parts that the"
                        + " caller's scopes allow. Calls no provider.")
                .requires(AUTHENTICATED)
                .returns(200, Overview.class)
                .handledBy(request -> Response.ok(reader.overview(request.caller()))),
            Route.get("/overview/providers", "List the health of providers")
                .operation(
                    "listProviderHealth",
                    "The calls of the last hour by registered provider, without those that had none"
                        + " and no open circuit breaker.")
                .requires(PROVIDERS_READ)
                .returns(200, Overview.ProviderHealthList.class)
                .handledBy(
                    _ -> Response.ok(new Overview.ProviderHealthList(reader.providerHealth()))),
            Route.get("/me/calls", "List recent calls of the caller")
                .operation(
                    "listOwnCalls",
                    "The model calls of the caller and of the keys that it owns, through the replica"
                        + " that answers, the newest first, at most 50.")
                .requires(AUTHENTICATED)
                .parameters(KEY)
                .returns(200, Overview.RecentCallList.class, INVALID_REQUEST, NOT_FOUND)
                .handledBy(request ->
                    Response.ok(
                        new Overview.RecentCallList(
                            reader.recentCalls(request.caller(), request.optional(KEY)))))));
  }

  private static Optional<Problem> toProblem(RuntimeException failure) {
    return failure instanceof KeyException.NotFound e
        ? Optional.of(Problem.of(NOT_FOUND, String.valueOf(e.getMessage())))
        : Optional.empty();
  }
}
