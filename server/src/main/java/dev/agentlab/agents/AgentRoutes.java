package dev.agentlab.agents;

import static dev.agentlab.agents.AgentFeature.AGENTS_READ;
import static dev.agentlab.agents.AgentFeature.AGENTS_WRITE;
import static dev.agentlab.http.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.IN_USE;
import static dev.agentlab.http.ProblemType.NAME_TAKEN;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.http.ProblemType.REQUEST_IN_PROGRESS;
import static dev.agentlab.http.ProblemType.SECRET_REQUIRED;
import static dev.agentlab.http.ProblemType.STALE_VERSION;

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

/// The HTTP routes of the agent registry.
public final class AgentRoutes {
  /// The registered provider of an agent was deleted.
  public static final ProblemType PROVIDER_GONE =
      new ProblemType("provider-gone", 409, "Provider no longer exists");

  /// The route of an agent was deleted.
  public static final ProblemType ROUTE_GONE =
      new ProblemType("route-gone", 409, "Route no longer exists");

  private static final String PREFIX = "/api/agents";

  private static final Param<IdOrName> ID = Param.idOrName("The agent's id or name.");
  private static final Param<Long> REVISION =
      Param.pathInteger("revision", "The revision number, starting at 1.");

  private final Agents agents;

  private AgentRoutes(Agents agents) {
    this.agents = agents;
  }

  /// The group of all agent routes.
  static RouteGroup of(Agents agents) {
    return new RouteGroup(
        PREFIX,
        "Agents",
        "A model of a provider, or a route, with a system prompt and call settings. Each change"
            + " creates a revision.",
        AgentRoutes::problem,
        new AgentRoutes(agents).all());
  }

  private List<Route> all() {
    return List.of(
        Route.post("", "Create an agent")
            .operation(
                "createAgent",
                "Validates the configuration, stores it as revision 1 and encrypts the secrets of"
                    + " an inline provider.")
            .requires(AGENTS_WRITE)
            .parameters(IdempotencyKey.HEADER)
            .accepts(AgentInput.class, this::check)
            .returns(
                201,
                Agent.class,
                INVALID_REQUEST,
                NAME_TAKEN,
                REQUEST_IN_PROGRESS,
                IDEMPOTENCY_KEY_REUSED)
            .handledBy(this::create),
        Route.get("", "List agents")
            .operation(
                "listAgents",
                "Filtered, sorted and paged by the query. A page beyond the last is empty.")
            .requires(AGENTS_READ)
            .parameters(SearchParams.all())
            .returns(200, Page.class, Agent.class, INVALID_REQUEST)
            .handledBy(request -> Response.ok(agents.search(SearchParams.readQuery(request)))),
        Route.post("/search", "Search agents")
            .operation(
                "searchAgents",
                "Equivalent to the list, with the filter, the order and the page in the body.")
            .requires(AGENTS_READ)
            .parameters(SearchParams.NAME)
            .accepts(SearchRequest.class)
            .returns(200, Page.class, Agent.class, INVALID_REQUEST)
            .handledBy(request -> Response.ok(agents.search(SearchParams.readBody(request)))),
        Route.get("/{id}", "Get an agent")
            .operation(
                "getAgent", "Returns the latest revision of the agent. The `ETag` is its number.")
            .requires(AGENTS_READ)
            .parameters(ID)
            .returns(200, Agent.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(request -> okWithETag(agents.find(resolveId(request)))),
        Route.put("/{id}", "Replace an agent")
            .operation(
                "replaceAgent",
                "Stores a new revision if anything differs. An omitted secret keeps its stored"
                    + " value; `null` clears it.")
            .requires(AGENTS_WRITE)
            .parameters(ID, IfMatch.HEADER)
            .accepts(AgentInput.class)
            .returns(
                200,
                Agent.class,
                INVALID_REQUEST,
                NOT_FOUND,
                NAME_TAKEN,
                SECRET_REQUIRED,
                STALE_VERSION)
            .handledBy(this::replace),
        Route.delete("/{id}", "Delete an agent and its revisions")
            .operation(
                "deleteAgent",
                "Cannot be undone. Runs in progress continue. Rejected while routes use the agent; the"
                    + " response lists them.")
            .requires(AGENTS_WRITE)
            .parameters(ID, IfMatch.HEADER)
            .returnsEmpty(204, INVALID_REQUEST, NOT_FOUND, IN_USE, STALE_VERSION)
            .handledBy(this::delete),
        Route.get("/{id}/dependents", "List the dependents of an agent")
            .operation(
                "listAgentDependents",
                "Returns one page of the routes that use the agent and prevent its deletion.")
            .requires(AGENTS_READ)
            .parameters(ID, SearchParams.PAGE, SearchParams.PAGE_SIZE)
            .returns(200, AgentDependents.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(request ->
                Response.ok(agents.dependents(resolveId(request), SearchParams.readPage(request)))),
        Route.get("/{id}/revisions", "List the revisions of an agent")
            .operation(
                "listAgentRevisions",
                "Returns one page of revisions, newest first, each with the time from which it was"
                    + " in effect.")
            .requires(AGENTS_READ)
            .parameters(ID, SearchParams.PAGE, SearchParams.PAGE_SIZE)
            .returns(200, Page.class, AgentRevision.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(this::listRevisions),
        Route.get("/{id}/revisions/{revision}", "Get a revision of an agent")
            .operation(
                "getAgentRevision", "Returns the agent's name and configuration at that revision.")
            .requires(AGENTS_READ)
            .parameters(ID, REVISION)
            .returns(200, AgentRevision.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(request ->
                Response.ok(agents.findRevision(resolveId(request), request.path(REVISION)))),
        Route.post("/{id}/revisions/{revision}/restore", "Restore a revision of an agent")
            .operation(
                "restoreAgentRevision",
                "Stores the name, configuration and secrets of that revision as a new revision."
                    + " Rejected if its provider or route has been deleted.")
            .requires(AGENTS_WRITE)
            .parameters(ID, REVISION, IfMatch.HEADER)
            .returns(
                200,
                Agent.class,
                INVALID_REQUEST,
                NOT_FOUND,
                NAME_TAKEN,
                PROVIDER_GONE,
                ROUTE_GONE,
                STALE_VERSION)
            .handledBy(this::restore));
  }

  private UUID resolveId(Request<?> request) {
    return resolveId(request.path(ID), agents);
  }

  /// Resolves an agent named in a path to its id.
  ///
  /// @throws AgentException.NotFound if no agent has the name
  public static UUID resolveId(IdOrName agent, Agents agents) {
    return switch (agent) {
      case IdOrName.Id(UUID id) -> id;
      case IdOrName.Name name ->
          agents.findId(name).orElseThrow(() -> new AgentException.NotFound(name.name()));
    };
  }

  private void check(JsonNode body) {
    if (body.has("config")) {
      agents.check(new AgentConfigInput(body.get("config")));
    }
  }

  private Response create(Request<AgentInput> request) {
    Agent created =
        agents.create(
            request.body(), request.optional(IdempotencyKey.HEADER).map(IdempotencyKey::value));
    return Response.created(PREFIX + "/" + created.id(), created)
        .withHeader("ETag", ETag.of(created.revision()));
  }

  private Response replace(Request<AgentInput> request) {
    return okWithETag(
        agents.replace(resolveId(request), request.body(), IfMatch.expected(request)));
  }

  private Response delete(Request<Void> request) {
    agents.delete(resolveId(request), IfMatch.expected(request));
    return Response.noContent();
  }

  private Response listRevisions(Request<Void> request) {
    return Response.ok(agents.listRevisions(resolveId(request), SearchParams.readPage(request)));
  }

  private Response restore(Request<Void> request) {
    return okWithETag(
        agents.restore(resolveId(request), request.path(REVISION), IfMatch.expected(request)));
  }

  private static Response okWithETag(Agent agent) {
    return Response.ok(agent).withHeader("ETag", ETag.of(agent.revision()));
  }

  /// Maps an [AgentException] to a problem.
  public static Optional<Problem> problem(RuntimeException failure) {
    return failure instanceof AgentException e
        ? Optional.of(
            Problem.of(problemType(e), String.valueOf(e.getMessage())).withBlockers(blockers(e)))
        : Optional.empty();
  }

  private static List<Problem.Blocker> blockers(AgentException failure) {
    return failure instanceof AgentException.InUse inUse
        ? inUse.dependents().routes().stream()
            .map(route -> new Problem.Blocker("route", route.id(), route.name()))
            .toList()
        : List.of();
  }

  private static ProblemType problemType(AgentException failure) {
    return switch (failure) {
      case AgentException.NotFound _, AgentException.RevisionNotFound _ -> NOT_FOUND;
      case AgentException.NameTaken _ -> NAME_TAKEN;
      case AgentException.InUse _ -> IN_USE;
      case AgentException.Stale _ -> STALE_VERSION;
      case AgentException.SecretRequired _ -> SECRET_REQUIRED;
      case AgentException.ProviderGone _ -> PROVIDER_GONE;
      case AgentException.RouteGone _ -> ROUTE_GONE;
    };
  }
}
