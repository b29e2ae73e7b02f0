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

/// The audit trail over HTTP.
public final class AuditRoutes {
  private static final Param<String> ACTION =
      Param.queryChoice("action", "What was done, exactly: provider.created.", AuditActions.ALL);
  private static final Param<String> KIND =
      Param.queryChoice("kind", "What it was done to, in one word: provider.", AuditActions.KINDS);
  private static final Param<String> RESOURCE =
      Param.queryText("resource", "The id of what it was done to.")
          .withLength(1, Integer.MAX_VALUE);
  private static final Param<String> CALLER =
      Param.queryText("caller", "The id of who did it.").withLength(1, Integer.MAX_VALUE);
  private static final Param<Instant> FROM = time("from", "The earliest time, in RFC 3339.");
  private static final Param<Instant> TO = time("to", "The first time too late, in RFC 3339.");

  private static final int LAST_YEAR = 9999;

  private static final String STATE =
      """
      {
        "type": "object",
        "description": "What it was; in the place of each secret a keyed hash, the same for the same secret.",
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

  /// The group of all routes of the trail.
  public static RouteGroup of(AuditReader reader) {
    return new RouteGroup(
        "/api/audit",
        "Audit",
        "What was changed, by whom. Nothing recorded is changed or removed.",
        new AuditRoutes(reader).all());
  }

  /// The JSON Schemas that do not come from Java types.
  public static Map<Class<?>, JsonNode> schemas() {
    return Map.of(
        AuditedState.class, Json.MAPPER.readTree(STATE),
        AuditHash.class, Json.MAPPER.readTree(HASH));
  }

  private List<Route> all() {
    return List.of(
        Route.get("", "List changes, the newest first")
            .operation(
                "listAuditEvents",
                "One page of the recorded changes to which every given filter applies.")
            .needs(AUDIT_READ)
            .reads(SearchParams.PAGE, SearchParams.PAGE_SIZE)
            .reads(ACTION, KIND, RESOURCE, CALLER, FROM, TO)
            .gives(200, Page.class, AuditEvent.class, INVALID_REQUEST)
            .by(this::search),
        Route.post("/verify", "Verify that nothing recorded was changed or removed")
            .operation(
                "verifyAuditTrail",
                "Recomputes the hash chain from the first row. With `expected`, also checks that"
                    + " a head noted earlier is still part of it.")
            .needs(AUDIT_READ)
            .takes(VerifyInput.class)
            .gives(200, VerificationReport.class, INVALID_REQUEST)
            .by(this::verify));
  }

  private Response search(Request<Void> call) {
    AuditQuery query =
        new AuditQuery(
            call.optional(ACTION),
            call.optional(KIND),
            call.optional(RESOURCE),
            call.optional(CALLER),
            call.optional(FROM),
            call.optional(TO));
    return Response.ok(reader.search(query, SearchParams.page(call)));
  }

  private Response verify(Request<VerifyInput> call) {
    AtomicBoolean left = new AtomicBoolean();
    call.whenLeft(() -> left.set(true));
    return Response.ok(reader.verify(call.body().expected(), () -> !left.get()));
  }

  private static Param<Instant> time(String name, String description) {
    return new Param<>(
        Param.Place.QUERY, name, description, Param.Format.DATE_TIME, AuditRoutes::instant);
  }

  private static Instant instant(String text) {
    String expected =
        "must be a time such as 2026-01-31T12:00:00Z, in a query with %2B for a plus sign";
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
