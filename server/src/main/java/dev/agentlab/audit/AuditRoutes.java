package dev.agentlab.audit;

import static dev.agentlab.audit.AuditFeature.AUDIT_READ;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.NOT_FOUND;

import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.json.Json;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.SearchParams;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.JsonNode;

/// The HTTP routes of the audit trail.
final class AuditRoutes {
  private static final Param<String> ACTION =
      Param.queryChoice("action", "The exact action: provider.created.", AuditActions.ALL);
  private static final Param<String> KIND =
      Param.queryChoice("kind", "The exact kind of resource: provider.", AuditActions.KINDS);
  private static final Param<String> RESOURCE =
      Param.queryText("resource", "The id of the resource.").withLength(1, Integer.MAX_VALUE);
  private static final Param<String> CALLER =
      Param.queryText("caller", "The id of the caller.").withLength(1, Integer.MAX_VALUE);
  private static final Param<Instant> FROM =
      Param.queryTime("from", "The earliest time, inclusive, in RFC 3339.");
  private static final Param<Instant> TO =
      Param.queryTime("to", "The latest time, exclusive, in RFC 3339.");

  private static final Param<Long> SEQ =
      Param.pathInteger("seq", "The sequence number, starting at 1.");

  private static final String STATE_SCHEMA =
      """
      {
        "type": "object",
        "description": "The state of the resource. Each secret is replaced by a keyed hash, which is the same for equal secrets.",
        "additionalProperties": true
      }
      """;

  private static final String HASH_SCHEMA =
      """
      {"type": "string", "pattern": "^%s$"}
      """
          .formatted(AuditHash.PATTERN);

  private final AuditReader reader;

  private AuditRoutes(AuditReader reader) {
    this.reader = reader;
  }

  /// Creates the route group of the audit trail.
  static RouteGroup of(AuditReader reader) {
    return new RouteGroup(
        "/api/audit",
        "Audit",
        "Recorded changes and their callers. Recorded events are never modified or removed.",
        AuditRoutes::toProblem,
        new AuditRoutes(reader).routes());
  }

  /// The JSON Schemas of types that their Java declaration does not describe.
  static Map<Class<?>, JsonNode> schemas() {
    return Map.of(
        RecordedState.class, Json.MAPPER.readTree(STATE_SCHEMA),
        AuditHash.class, Json.MAPPER.readTree(HASH_SCHEMA));
  }

  private List<Route> routes() {
    return List.of(
        Route.get("", "List audit events, the newest first")
            .operation(
                "listAuditEvents", "Returns one page of the events that match every given filter.")
            .requires(AUDIT_READ)
            .parameters(SearchParams.PAGE, SearchParams.PAGE_SIZE)
            .parameters(ACTION, KIND, RESOURCE, CALLER, FROM, TO)
            .returns(200, Page.class, AuditEvent.class, INVALID_REQUEST)
            .handledBy(this::search),
        Route.get("/{seq}", "Get an audit event")
            .operation("getAuditEvent", "Returns the event with that sequence number.")
            .requires(AUDIT_READ)
            .parameters(SEQ)
            .returns(200, AuditEvent.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(request -> Response.ok(reader.find(request.path(SEQ)))),
        Route.post("/verify", "Verify the audit trail")
            .operation(
                "verifyAuditTrail",
                "Recomputes the hash chain from the first row, which detects modified and removed rows."
                    + " With `expected`, also checks that the chain still contains an earlier head.")
            .requires(AUDIT_READ)
            .accepts(VerifyInput.class)
            .returns(200, VerificationReport.class, INVALID_REQUEST)
            .handledBy(this::verify));
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
    return Response.ok(reader.search(query, SearchParams.readPage(request)));
  }

  private Response verify(Request<VerifyInput> request) {
    AtomicBoolean disconnected = new AtomicBoolean();
    request.onCancel(() -> disconnected.set(true));
    return Response.ok(reader.verify(request.body().expected(), () -> !disconnected.get()));
  }

  private static Optional<Problem> toProblem(RuntimeException failure) {
    return failure instanceof AuditEventNotFoundException e
        ? Optional.of(Problem.of(NOT_FOUND, String.valueOf(e.getMessage())))
        : Optional.empty();
  }
}
