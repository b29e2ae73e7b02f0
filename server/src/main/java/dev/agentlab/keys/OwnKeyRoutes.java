package dev.agentlab.keys;

import static dev.agentlab.http.ProblemType.FORBIDDEN;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.keys.KeyRoutes.ID;
import static dev.agentlab.keys.KeyRoutes.KEY_ENDED;
import static dev.agentlab.keys.KeyRoutes.KEY_LIMIT;
import static dev.agentlab.security.Scope.AUTHENTICATED;

import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.SearchParams;
import java.util.List;

/// The HTTP routes of the API keys that a caller makes for itself.
record OwnKeyRoutes(Keys keys) {
  private static final String PATH = "/api/me/keys";

  /// Creates the route group.
  static RouteGroup of(Keys keys) {
    return new RouteGroup(
        PATH,
        "My keys",
        "The API keys that a caller makes for itself. Every caller may do so, within its own scopes.",
        KeyRoutes::toProblem,
        new OwnKeyRoutes(keys).routes());
  }

  private List<Route> routes() {
    return List.of(
        Route.post("", "Create an API key of the caller")
            .operation(
                "createOwnKey",
                "Only this response contains the key itself. The caller owns the key: it has only"
                    + " scopes that the caller has, and ends with the caller's own key. A caller can"
                    + " have 50 active keys and make 100 within 24 hours, and a key that has an owner cannot make keys.")
            .requires(AUTHENTICATED)
            .accepts(KeyInput.class)
            .returns(201, ApiKey.class, INVALID_REQUEST, FORBIDDEN, KEY_ENDED, KEY_LIMIT)
            .handledBy(this::create),
        Route.get("", "List the API keys of the caller")
            .operation(
                "listOwnKeys",
                "Returns one page of the keys that the caller owns, the newest first. Expired and"
                    + " revoked keys are included.")
            .requires(AUTHENTICATED)
            .parameters(SearchParams.PAGE, SearchParams.PAGE_SIZE)
            .returns(200, Page.class, ApiKey.class, INVALID_REQUEST)
            .handledBy(request ->
                Response.ok(keys.findOwn(SearchParams.readPage(request), request.caller()))),
        Route.post("/{id}/rotate", "Rotate an API key of the caller")
            .operation(
                "rotateOwnKey",
                "Only this response contains the new key. The old key remains valid for the"
                    + " overlap.")
            .requires(AUTHENTICATED)
            .parameters(ID)
            .accepts(KeyRotationInput.class)
            .returns(200, ApiKey.class, INVALID_REQUEST, FORBIDDEN, NOT_FOUND, KEY_ENDED)
            .handledBy(request ->
                Response.ok(
                    keys.rotateOwn(
                        request.path(ID), KeyRoutes.overlap(request.body()), request.caller()))),
        Route.delete("/{id}", "Revoke an API key of the caller")
            .operation(
                "revokeOwnKey",
                "Takes effect on every replica within a second and cannot be undone.")
            .requires(AUTHENTICATED)
            .parameters(ID)
            .returnsEmpty(204, INVALID_REQUEST, NOT_FOUND)
            .handledBy(request -> {
              keys.revokeOwn(request.path(ID), request.caller());
              return Response.noContent();
            }));
  }

  private Response create(Request<KeyInput> request) {
    ApiKey created = keys.createOwn(request.body(), request.caller());
    return Response.created(PATH + "/" + created.id(), created);
  }
}
