package dev.agentlab.audit;

import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.security.Scope.AUDIT_READ;

import dev.agentlab.http.Param;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.Json;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.SearchParams;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.JsonNode;

/// The HTTP routes of the audit trail.
public final class AuditRoutes {
  private static final Param<String> ACTION =
      Param.queryChoice("action", "The exact action: provider.created.", AuditActions.ALL);
  private static final Param<String> KIND =
      Param.queryChoice("kind", "The exact kind of resource: provider.", AuditActions.KINDS);
  private static final Param<String> RESOURCE =
      Param.queryText("resource", "The id of the resource.").withLength(1, Integer.MAX_VALUE);
  private static final Param<String> CALLER =
      Param.queryText("caller", "The id of the caller.").withLength(1, Integer.MAX_VALUE);
  private static final Param<Instant> FROM =
      time("from", "The earliest time, inclusive, in RFC 3339.");
  private static final Param<Instant> TO = time("to", "The latest time, exclusive, in RFC 3339.");

  private static final int LAST_YEAR = 9999;

  private static final String STATE =
      """
      {
        "type": "object",
        "description": "The state of the resource. Each secret is replaced by a keyed hash, which is the same for equal secrets.",
        "additionalProperties": true
      }
      """;

  private static final String HASH =
      """
      {"type": "string", "pattern": "^%s$"}
      """
          .formatted(AuditHash.PATTERN);

  private final AuditReader reader;

  private AuditRoutes(AuditReader reader) {
    this.reader = reader;
  }

  /// Creates the route group of the audit trail.
  public static RouteGroup of(AuditReader reader) {
    return new RouteGroup(
        "/api/audit",
        "Audit",
        "Recorded changes and their callers. Recorded events are never modified or removed.",
        new AuditRoutes(reader).all());
  }

  /// The JSON Schemas of types that their Java declaration does not describe.
  public static Map<Class<?>, JsonNode> schemas() {
    return Map.of(
        AuditedState.class, Json.MAPPER.readTree(STATE),
        AuditHash.class, Json.MAPPER.readTree(HASH));
  }

  private List<Route> all() {
    return List.of(
        Route.get("", "List audit events, the newest first")
            .operation(
                "listAuditEvents", "Returns one page of the events that match every given filter.")
            .needs(AUDIT_READ)
            .reads(SearchParams.PAGE, SearchParams.PAGE_SIZE)
            .reads(ACTION, KIND, RESOURCE, CALLER, FROM, TO)
            .gives(200, Page.class, AuditEvent.class, INVALID_REQUEST)
            .by(this::search),
        Route.post("/verify", "Verify the audit trail")
            .operation(
                "verifyAuditTrail",
                "Recomputes the hash chain from the first row, which detects modified and removed rows."
                    + " With `expected`, also checks that the chain still contains an earlier head.")
            .needs(AUDIT_READ)
            .takes(VerifyInput.class)
            .gives(200, VerificationReport.class, INVALID_REQUEST)
            .by(this::verify));
  }

  private Response search(Request<Void> request) {
    AuditQuery query =
        new AuditQuery(
            request.optional(ACTION),
            request.optional(KIND),
            request.optional(RESOURCE),
            request.optional(CALLER),
            request.optional(FROM),
            request.optional(TO));
    return Response.ok(reader.search(query, SearchParams.page(request)));
  }

  private Response verify(Request<VerifyInput> request) {
    AtomicBoolean disconnected = new AtomicBoolean();
    request.whenLeft(() -> disconnected.set(true));
    return Response.ok(reader.verify(request.body().expected(), () -> !disconnected.get()));
  }

  private static Param<Instant> time(String name, String description) {
    return new Param<>(
        Param.Place.QUERY, name, description, Param.Format.DATE_TIME, AuditRoutes::instant);
  }

  private static Instant instant(String text) {
    String expected =
        "must be a time such as 2026-01-31T12:00:00Z; in a query, encode a plus sign as %2B";
    try {
      OffsetDateTime time = OffsetDateTime.parse(text);
      if (time.getYear() >= 1 && time.getYear() <= LAST_YEAR) {
        return time.toInstant();
      }
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(expected, e);
    }
    throw new IllegalArgumentException(expected);
  }
}
