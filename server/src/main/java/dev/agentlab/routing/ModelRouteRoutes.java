package dev.agentlab.routing;

import static dev.agentlab.http.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.IN_USE;
import static dev.agentlab.http.ProblemType.NAME_TAKEN;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.http.ProblemType.REQUEST_IN_PROGRESS;
import static dev.agentlab.http.ProblemType.STALE_VERSION;
import static dev.agentlab.routing.ModelRouteFeature.ROUTES_READ;
import static dev.agentlab.routing.ModelRouteFeature.ROUTES_WRITE;

import dev.agentlab.errors.IdOrName;
import dev.agentlab.http.ETag;
import dev.agentlab.http.IdempotencyKey;
import dev.agentlab.http.IfMatch;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.SearchParams;
import dev.agentlab.listing.SearchRequest;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// The HTTP routes of the registry of model routes.
public final class ModelRouteRoutes {
  /// A provider or agent of a route was deleted.
  static final ProblemType TARGET_GONE =
      new ProblemType("target-gone", 409, "Target no longer exists");

  private static final String PREFIX = "/api/routes";

  private static final Param<IdOrName> ID = Param.idOrName("The route's id or name.");
  private static final Param<Long> REVISION =
      Param.pathInteger("revision", "The revision number, starting at 1.");

  private final ModelRoutes routes;

  private ModelRouteRoutes(ModelRoutes routes) {
    this.routes = routes;
  }

  /// The group of all HTTP routes of the registry.
  static RouteGroup of(ModelRoutes routes) {
    return new RouteGroup(
        PREFIX,
        "Model routes",
        "A name for which calls go to one of several targets: models of providers, or agents. Each"
            + " change creates a revision.",
        ModelRouteRoutes::problem,
        new ModelRouteRoutes(routes).all());
  }

  private List<Route> all() {
    return List.of(
        Route.post("", "Create a route")
            .operation(
                "createRoute",
                "Validates the configuration and stores it as revision 1. Warns about a name that is"
                    + " also that of an agent or of a model.")
            .requires(ROUTES_WRITE)
            .parameters(IdempotencyKey.HEADER)
            .accepts(ModelRouteInput.class, this::check)
            .returns(
                201,
                ModelRoute.class,
                INVALID_REQUEST,
                NAME_TAKEN,
                REQUEST_IN_PROGRESS,
                IDEMPOTENCY_KEY_REUSED)
            .handledBy(this::create),
        Route.get("", "List routes")
            .operation(
                "listRoutes",
                "Filtered, sorted and paged by the query. A page beyond the last is empty.")
            .requires(ROUTES_READ)
            .parameters(SearchParams.all())
            .returns(200, Page.class, ModelRoute.class, INVALID_REQUEST)
            .handledBy(request -> Response.ok(routes.search(SearchParams.readQuery(request)))),
        Route.post("/search", "Search routes")
            .operation(
                "searchRoutes",
                "Equivalent to the list, with the filter, the order and the page in the body.")
            .requires(ROUTES_READ)
            .parameters(SearchParams.NAME)
            .accepts(SearchRequest.class)
            .returns(200, Page.class, ModelRoute.class, INVALID_REQUEST)
            .handledBy(request -> Response.ok(routes.search(SearchParams.readBody(request)))),
        Route.get("/{id}", "Get a route")
            .operation(
                "getRoute", "Returns the latest revision of the route. The `ETag` is its number.")
            .requires(ROUTES_READ)
            .parameters(ID)
            .returns(200, ModelRoute.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(request -> okWithETag(routes.find(resolveId(request)))),
        Route.put("/{id}", "Replace a route")
            .operation(
                "replaceRoute",
                "Stores a new revision if anything differs. The targets may have what a response"
                    + " has: both the names and the ids of providers and agents.")
            .requires(ROUTES_WRITE)
            .parameters(ID, IfMatch.HEADER)
            .accepts(ModelRouteInput.class)
            .returns(200, ModelRoute.class, INVALID_REQUEST, NOT_FOUND, NAME_TAKEN, STALE_VERSION)
            .handledBy(this::replace),
        Route.delete("/{id}", "Delete a route and its revisions")
            .operation(
                "deleteRoute",
                "Cannot be undone. Calls in progress continue. Rejected while agents use the route;"
                    + " the response lists them.")
            .requires(ROUTES_WRITE)
            .parameters(ID, IfMatch.HEADER)
            .returnsEmpty(204, INVALID_REQUEST, NOT_FOUND, IN_USE, STALE_VERSION)
            .handledBy(this::delete),
        Route.get("/{id}/dependents", "List the dependents of a route")
            .operation(
                "listRouteDependents",
                "Returns one page of the agents that use the route and prevent its deletion.")
            .requires(ROUTES_READ)
            .parameters(ID, SearchParams.PAGE, SearchParams.PAGE_SIZE)
            .returns(200, RouteDependents.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(request ->
                Response.ok(routes.dependents(resolveId(request), SearchParams.readPage(request)))),
        Route.get("/{id}/revisions", "List the revisions of a route")
            .operation(
                "listRouteRevisions",
                "Returns one page of revisions, newest first, each with the time from which it was"
                    + " in effect.")
            .requires(ROUTES_READ)
            .parameters(ID, SearchParams.PAGE, SearchParams.PAGE_SIZE)
            .returns(200, Page.class, ModelRouteRevision.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(this::listRevisions),
        Route.get("/{id}/revisions/{revision}", "Get a revision of a route")
            .operation(
                "getRouteRevision", "Returns the route's name and configuration at that revision.")
            .requires(ROUTES_READ)
            .parameters(ID, REVISION)
            .returns(200, ModelRouteRevision.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(request ->
                Response.ok(routes.findRevision(resolveId(request), request.path(REVISION)))),
        Route.post("/{id}/revisions/{revision}/restore", "Restore a revision of a route")
            .operation(
                "restoreRouteRevision",
                "Stores the name and configuration of that revision as a new revision. Rejected if a"
                    + " provider or agent of the revision has been deleted.")
            .requires(ROUTES_WRITE)
            .parameters(ID, REVISION, IfMatch.HEADER)
            .returns(
                200,
                ModelRoute.class,
                INVALID_REQUEST,
                NOT_FOUND,
                NAME_TAKEN,
                TARGET_GONE,
                STALE_VERSION)
            .handledBy(this::restore));
  }

  private UUID resolveId(Request<?> request) {
    return routes.requireId(request.path(ID));
  }

  private void check(JsonNode body) {
    if (body.has("config")) {
      routes.check(new ModelRouteConfigInput(body.get("config")));
    }
  }

  private Response create(Request<ModelRouteInput> request) {
    ModelRoute created =
        routes.create(
            request.body(), request.optional(IdempotencyKey.HEADER).map(IdempotencyKey::value));
    return Response.created(PREFIX + "/" + created.id(), created)
        .withHeader("ETag", ETag.of(created.revision()));
  }

  private Response replace(Request<ModelRouteInput> request) {
    return okWithETag(
        routes.replace(resolveId(request), request.body(), IfMatch.expected(request)));
  }

  private Response delete(Request<Void> request) {
    routes.delete(resolveId(request), IfMatch.expected(request));
    return Response.noContent();
  }

  private Response listRevisions(Request<Void> request) {
    return Response.ok(routes.listRevisions(resolveId(request), SearchParams.readPage(request)));
  }

  private Response restore(Request<Void> request) {
    return okWithETag(
        routes.restore(resolveId(request), request.path(REVISION), IfMatch.expected(request)));
  }

  private static Response okWithETag(ModelRoute route) {
    return Response.ok(route).withHeader("ETag", ETag.of(route.revision()));
  }

  /// The problem of an exception of the registry; empty for another one.
  public static Optional<Problem> problem(RuntimeException failure) {
    return failure instanceof ModelRouteException e
        ? Optional.of(
            Problem.of(problemType(e), String.valueOf(e.getMessage())).withBlockers(blockers(e)))
        : Optional.empty();
  }

  private static List<Problem.Blocker> blockers(ModelRouteException failure) {
    return failure instanceof ModelRouteException.InUse inUse
        ? inUse.dependents().agents().stream()
            .map(agent -> new Problem.Blocker("agent", agent.id(), agent.name()))
            .toList()
        : List.of();
  }

  private static ProblemType problemType(ModelRouteException failure) {
    return switch (failure) {
      case ModelRouteException.NotFound _, ModelRouteException.RevisionNotFound _ -> NOT_FOUND;
      case ModelRouteException.NameTaken _ -> NAME_TAKEN;
      case ModelRouteException.Stale _ -> STALE_VERSION;
      case ModelRouteException.InUse _ -> IN_USE;
      case ModelRouteException.TargetGone _ -> TARGET_GONE;
    };
  }
}
