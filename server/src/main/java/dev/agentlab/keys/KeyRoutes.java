package dev.agentlab.keys;

import static dev.agentlab.http.ProblemType.FORBIDDEN;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.keys.KeyFeature.KEYS_ADMIN;
import static dev.agentlab.security.Scope.AUTHENTICATED;

import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.Json;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.SearchParams;
import dev.agentlab.security.CallerInfo;
import dev.agentlab.time.GoDuration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// The HTTP routes of API keys.
final class KeyRoutes {
  private static final String PATH = "/api/keys";

  static final ProblemType KEY_ENDED =
      new ProblemType("key-ended", 409, "API key expired or revoked");

  static final ProblemType KEY_LIMIT =
      new ProblemType("key-limit", 409, "Too many keys of the caller");

  static final Param<UUID> ID =
      Param.id("The id of the API key, not the id within the key itself.");

  private final Keys keys;

  private KeyRoutes(Keys keys) {
    this.keys = keys;
  }

  /// Creates the route group of API keys.
  static RouteGroup of(Keys keys) {
    return new RouteGroup(
        PATH,
        "Keys",
        "API keys authenticate callers and define their scopes. The key itself is returned only once.",
        KeyRoutes::toProblem,
        new KeyRoutes(keys).routes());
  }

  /// The JSON Schemas of types that their Java declaration does not describe.
  static Map<Class<?>, JsonNode> schemas() {
    return Map.of(
        ApiKeyToken.class,
        Json.MAPPER.createObjectNode().put("type", "string").put("pattern", "^agl_"));
  }

  private List<Route> routes() {
    return List.of(
        Route.post("", "Create an API key")
            .operation(
                "createKey",
                "Only this response contains the key itself. A key cannot exceed the"
                    + " scopes of its creator.")
            .requires(KEYS_ADMIN)
            .accepts(KeyInput.class)
            .returns(201, ApiKey.class, INVALID_REQUEST, FORBIDDEN)
            .handledBy(this::create),
        Route.get("", "List API keys")
            .operation(
                "listKeys",
                "Returns one page of keys, filtered and sorted by the query. A page beyond the"
                    + " last is empty. Expired and revoked keys are included.")
            .requires(KEYS_ADMIN)
            .parameters(SearchParams.all())
            .returns(200, Page.class, ApiKey.class, INVALID_REQUEST)
            .handledBy(request -> Response.ok(keys.search(SearchParams.readQuery(request)))),
        Route.get("/self", "Get the current caller")
            .operation(
                "getCaller",
                "Returns the identity and the scopes of the credential of the request.")
            .requires(AUTHENTICATED)
            .returns(200, CallerInfo.class)
            .handledBy(request -> Response.ok(CallerInfo.of(request.caller()))),
        Route.get("/{id}", "Get an API key")
            .operation("getKey", "The response does not contain the key itself.")
            .requires(KEYS_ADMIN)
            .parameters(ID)
            .returns(200, ApiKey.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(request -> Response.ok(keys.find(request.path(ID)))),
        Route.post("/{id}/rotate", "Rotate an API key")
            .operation(
                "rotateKey",
                "Only this response contains the new key. The old key remains valid for the"
                    + " overlap. An overlap of 0s, as after a leak, also revokes the keys that it"
                    + " owns.")
            .requires(KEYS_ADMIN)
            .parameters(ID)
            .accepts(KeyRotationInput.class)
            .returns(200, ApiKey.class, INVALID_REQUEST, FORBIDDEN, NOT_FOUND, KEY_ENDED)
            .handledBy(this::rotate),
        Route.delete("/{id}", "Revoke an API key")
            .operation(
                "revokeKey",
                "Also revokes the keys that it owns. Takes effect on every replica within a second and"
                    + " cannot be undone.")
            .requires(KEYS_ADMIN)
            .parameters(ID)
            .returnsEmpty(204, INVALID_REQUEST, NOT_FOUND)
            .handledBy(this::revoke));
  }

  private Response create(Request<KeyInput> request) {
    ApiKey created = keys.create(request.body(), request.caller());
    return Response.created(PATH + "/" + created.id(), created);
  }

  private Response rotate(Request<KeyRotationInput> request) {
    return Response.ok(keys.rotate(request.path(ID), overlap(request.body()), request.caller()));
  }

  /// The overlap of a rotation.
  ///
  /// @throws InvalidInputException if it is not valid
  static Duration overlap(KeyRotationInput input) {
    return input.overlap().map(KeyRoutes::parseOverlap).orElse(Keys.DEFAULT_OVERLAP);
  }

  private static Duration parseOverlap(String text) {
    try {
      Duration overlap = GoDuration.parse(text);
      if (!overlap.isNegative() && overlap.compareTo(Keys.MAX_OVERLAP) <= 0) {
        return overlap;
      }
    } catch (IllegalArgumentException _) {
      // Reported below.
    }
    throw new InvalidInputException(
        "overlap", "must be a duration from 0s to 720h, such as 24h or 1h30m");
  }

  private Response revoke(Request<Void> request) {
    keys.revoke(request.path(ID));
    return Response.noContent();
  }

  /// The problem of a [KeyException].
  static Optional<Problem> toProblem(RuntimeException failure) {
    return failure instanceof KeyException reason
        ? Optional.of(
            Problem.of(
                switch (reason) {
                  case KeyException.NotFound _ -> NOT_FOUND;
                  case KeyException.ScopesExceeded _, KeyException.Owned _ -> FORBIDDEN;
                  case KeyException.LimitReached _ -> KEY_LIMIT;
                  case KeyException.Ended _ -> KEY_ENDED;
                },
                String.valueOf(reason.getMessage())))
        : Optional.empty();
  }
}
