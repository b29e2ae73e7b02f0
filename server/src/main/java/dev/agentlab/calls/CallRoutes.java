package dev.agentlab.calls;

import static dev.agentlab.calls.CallFeature.CALLS_READ;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.security.Scope.AUTHENTICATED;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// The HTTP routes of the records of calls.
final class CallRoutes {
  private static final Param<Instant> FROM =
      Param.queryTime("from", "The earliest start, inclusive, in RFC 3339.");
  private static final Param<Instant> TO =
      Param.queryTime("to", "The latest start, exclusive, in RFC 3339.");
  private static final Param<CallCursor> AFTER =
      new Param<>(
          Param.Location.QUERY,
          "after",
          "The `next` of the preceding page.",
          Param.Format.TEXT,
          CallRoutes::parseCursor);
  private static final Param<Long> LIMIT =
      Param.queryInteger("limit", "The maximum number of calls, 1 to 1000. Default: 50.");
  private static final Param<UUID> KEY = Param.queryId("key", "The id of the API key.");
  private static final Param<String> OWNER =
      text("owner", "The owner of the API key: `key:<id>` or `token:<subject>`.");
  private static final Param<UUID> AGENT = Param.queryId("agent", "The id of the agent.");
  private static final Param<UUID> ROUTE = Param.queryId("route", "The id of the route.");
  private static final Param<String> STATUS =
      Param.queryChoice("status", "How the call ended.", CallStatus.texts());
  private static final Param<Tag> TAG =
      new Param<>(
              Param.Location.QUERY,
              "tag",
              "A tag that the call has, as `name=value`. May be given several times.",
              Param.Format.TEXT,
              Tag::parse)
          .repeatable();
  private static final List<Param<String>> TEXTS =
      List.of(
          text("session", "The exact session."),
          text("end_user", "The exact end user."),
          text("provider", "The exact name of the provider that was called last."),
          text("model", "The exact model that was requested last."),
          text("dialect", "The API of the client: openai."),
          text("operation", "The operation: chat."),
          text("outcome", "The exact outcome: timed_out."),
          text("request_id", "The exact id of the HTTP request."));

  private static final Param<String> ID =
      Param.pathText("id", "The id of the call, of its HTTP request, or of its provider.");

  private final Calls calls;

  private CallRoutes(Calls calls) {
    this.calls = calls;
  }

  static RouteGroup of(Calls calls) {
    return new RouteGroup(
        "/api/calls",
        "Calls",
        "The records of model calls, without content. A caller without `calls:read` sees its own"
            + " calls and those of keys that it made for itself.",
        CallRoutes::toProblem,
        new CallRoutes(calls).routes());
  }

  private List<Route> routes() {
    return List.of(
        Route.get("", "List model calls, the newest first")
            .operation(
                "listCalls",
                "Returns the calls that match every given filter. A call is listed within a second"
                    + " of its end.")
            .requires(AUTHENTICATED)
            .parameters(FROM, TO, AFTER, LIMIT, KEY, OWNER, AGENT, ROUTE, STATUS, TAG)
            .parameters(TEXTS.toArray(Param<?>[]::new))
            .returns(200, CallPage.class, INVALID_REQUEST)
            .handledBy(this::search),
        Route.get("/{id}", "Get a model call")
            .operation(
                "getCall",
                "Returns the call with all attempts and the decision of its route. Of several calls"
                    + " of one HTTP request it is the newest.")
            .requires(AUTHENTICATED)
            .parameters(ID)
            .returns(200, Call.class, NOT_FOUND)
            .handledBy(request -> Response.ok(calls.find(request.path(ID), owner(request)))));
  }

  private Response search(Request<Void> request) {
    Map<String, String> texts = new TreeMap<>();
    for (Param<String> text : TEXTS) {
      request.optional(text).ifPresent(it -> texts.put(text.name(), it));
    }
    CallQuery query =
        new CallQuery(
            request.optional(FROM),
            request.optional(TO),
            request.optional(AFTER),
            limit(request),
            request.optional(KEY),
            request.optional(OWNER),
            request.optional(AGENT),
            request.optional(ROUTE),
            request.optional(STATUS).map(CallStatus::parse),
            texts,
            tags(request));
    return Response.ok(calls.search(query, owner(request)));
  }

  /// A name and its value.
  private record Tag(String name, String value) {
    static Tag parse(String text) {
      int equals = text.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("must be a name and a value such as team=research");
      }
      return new Tag(text.substring(0, equals), text.substring(equals + 1));
    }
  }

  private static Map<String, String> tags(Request<Void> request) {
    Map<String, String> tags = new TreeMap<>();
    for (Tag tag : request.all(TAG)) {
      if (tags.put(tag.name(), tag.value()) != null) {
        throw new InvalidInputException(
            "tag", "must have each name once: " + Excerpt.of(tag.name()));
      }
    }
    return tags;
  }

  private static int limit(Request<Void> request) {
    long limit = request.optional(LIMIT).orElse((long) CallQuery.DEFAULT_LIMIT);
    return Math.clamp(limit, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /// The caller to whose calls a request is restricted; empty if it may read all.
  private static Optional<Caller> owner(Request<?> request) {
    return Optional.of(request.caller()).filter(it -> !it.grants().allows(CALLS_READ));
  }

  private static Param<String> text(String name, String description) {
    return Param.queryText(name, description).withLength(1, Integer.MAX_VALUE);
  }

  private static CallCursor parseCursor(String text) {
    try {
      return CallCursor.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("must be the next of a preceding page", e);
    }
  }

  private static Optional<Problem> toProblem(RuntimeException failure) {
    return failure instanceof CallException e
        ? Optional.of(Problem.of(NOT_FOUND, String.valueOf(e.getMessage())))
        : Optional.empty();
  }
}
