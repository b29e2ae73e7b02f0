package dev.agentlab.keys;

import static dev.agentlab.http.ProblemType.FORBIDDEN;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.KEY_ENDED;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.security.Scope.KEYS_ADMIN;
import static dev.agentlab.security.Scope.KNOWN;

import dev.agentlab.config.GoDuration;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.Json;
import dev.agentlab.json.SchemaName;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.SearchParams;
import dev.agentlab.security.Caller;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// The keys over HTTP.
public final class KeyRoutes {
  private static final String PREFIX = "/api/keys";

  private static final Param<UUID> ID = Param.id("The key's id, not the one within its text.");

  private final Keys keys;

  private KeyRoutes(Keys keys) {
    this.keys = keys;
  }

  /// The caller, as they are told about themselves.
  ///
  /// @param kind `key`, `token`, or `anyone` where nobody needs a key
  @SchemaName("CallerInfo")
  record Self(String kind, String id, String name, List<String> scopes) {
    static Self of(Caller caller) {
      return new Self(
          caller.kind().toString(), caller.id(), caller.name(), caller.grants().texts());
    }
  }

  /// The group of all key routes.
  public static RouteGroup of(Keys keys) {
    return new RouteGroup(
        PREFIX,
        "Keys",
        "What callers show to be let in, and what each may do. A key is shown once, when it is made.",
        KeyRoutes::problem,
        new KeyRoutes(keys).all());
  }

  /// The JSON Schemas of what its Java does not describe.
  public static Map<Class<?>, JsonNode> schemas() {
    return Map.of(
        ApiKeyToken.class,
        Json.MAPPER.createObjectNode().put("type", "string").put("pattern", "^agl_"));
  }

  private List<Route> all() {
    return List.of(
        Route.post("", "Create a key")
            .operation(
                "createKey",
                "The answer is the only one that contains the key itself. A key cannot exceed the"
                    + " scopes of its creator.")
            .needs(KEYS_ADMIN)
            .takes(KeyInput.class)
            .gives(201, ApiKey.class, INVALID_REQUEST, FORBIDDEN)
            .by(this::create),
        Route.get("", "List keys")
            .operation(
                "listKeys",
                "Filters, sorts and pages by the query. A page beyond the last is empty. Expired"
                    + " and revoked keys are included.")
            .needs(KEYS_ADMIN)
            .reads(SearchParams.all())
            .gives(200, Page.class, ApiKey.class, INVALID_REQUEST)
            .by(call -> Response.ok(keys.search(SearchParams.read(call)))),
        Route.get("/self", "Get the current caller")
            .operation(
                "getCaller", "Identity and scopes of the credential that the request carries.")
            .needs(KNOWN)
            .gives(200, Self.class)
            .by(call -> Response.ok(Self.of(call.caller()))),
        Route.get("/{id}", "Read a key")
            .operation("getKey", "The key itself is not part of the answer.")
            .needs(KEYS_ADMIN)
            .reads(ID)
            .gives(200, ApiKey.class, INVALID_REQUEST, NOT_FOUND)
            .by(call -> Response.ok(keys.find(call.path(ID)))),
        Route.post("/{id}/rotate", "Rotate a key")
            .operation(
                "rotateKey",
                "The answer is the only one that contains the new key. The present one stays"
                    + " valid for the overlap.")
            .needs(KEYS_ADMIN)
            .reads(ID)
            .takes(KeyRotationInput.class)
            .gives(200, ApiKey.class, INVALID_REQUEST, FORBIDDEN, NOT_FOUND, KEY_ENDED)
            .by(this::rotate),
        Route.delete("/{id}", "Revoke a key")
            .operation(
                "revokeKey", "Takes effect on every replica within a second and cannot be undone.")
            .needs(KEYS_ADMIN)
            .reads(ID)
            .givesNothing(204, INVALID_REQUEST, NOT_FOUND)
            .by(this::revoke));
  }

  private Response create(Request<KeyInput> call) {
    ApiKey made = keys.create(call.body(), call.caller());
    return Response.created(PREFIX + "/" + made.id(), made);
  }

  private Response rotate(Request<KeyRotationInput> call) {
    Duration overlap = call.body().overlap().map(KeyRoutes::overlap).orElse(Keys.OVERLAP);
    return Response.ok(keys.rotate(call.path(ID), overlap, call.caller()));
  }

  private static Duration overlap(String text) {
    try {
      Duration overlap = GoDuration.parse(text);
      if (!overlap.isNegative() && overlap.compareTo(Keys.LONGEST_OVERLAP) <= 0) {
        return overlap;
      }
    } catch (IllegalArgumentException _) {
      // Said below.
    }
    throw new InvalidInputException(
        "overlap", "must be a duration from 0s to 720h, such as 24h or 1h30m");
  }

  private Response revoke(Request<Void> call) {
    keys.revoke(call.path(ID));
    return Response.noContent();
  }

  private static Optional<Problem> problem(RuntimeException failure) {
    return failure instanceof KeyException known
        ? Optional.of(
            Problem.of(
                switch (known) {
                  case KeyException.NotFound _ -> NOT_FOUND;
                  case KeyException.TooWide _ -> FORBIDDEN;
                  case KeyException.Ended _ -> KEY_ENDED;
                },
                String.valueOf(known.getMessage())))
        : Optional.empty();
  }
}
