package dev.agentlab.agents;

import static dev.agentlab.http.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.IN_USE;
import static dev.agentlab.http.ProblemType.NAME_TAKEN;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.http.ProblemType.PROVIDER_GONE;
import static dev.agentlab.http.ProblemType.REQUEST_IN_PROGRESS;
import static dev.agentlab.http.ProblemType.SECRET_REQUIRED;
import static dev.agentlab.http.ProblemType.STALE_VERSION;
import static dev.agentlab.security.Scope.AGENTS_READ;
import static dev.agentlab.security.Scope.AGENTS_WRITE;

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
  private static final String PREFIX = "/api/agents";

  private static final Param<IdOrName> ID = Param.idOrName("The agent's id or name.");
  private static final Param<Long> REVISION =
      Param.pathInteger("revision", "The revision number, starting at 1.");

  private final Agents agents;

  private AgentRoutes(Agents agents) {
    this.agents = agents;
  }

  /// The group of all agent routes.
  public static RouteGroup of(Agents agents) {
    return new RouteGroup(
        PREFIX,
        "Agents",
        "A model of a provider, with a system prompt and call settings. Each change creates a"
            + " revision.",
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
            .needs(AGENTS_WRITE)
            .reads(IdempotencyKey.HEADER)
            .takes(AgentInput.class, this::check)
            .gives(
                201,
                Agent.class,
                INVALID_REQUEST,
                NAME_TAKEN,
                REQUEST_IN_PROGRESS,
                IDEMPOTENCY_KEY_REUSED)
            .by(this::create),
        Route.get("", "List agents")
            .operation(
                "listAgents",
                "Filtered, sorted and paged by the query. A page beyond the last is empty.")
            .needs(AGENTS_READ)
            .reads(SearchParams.all())
            .gives(200, Page.class, Agent.class, INVALID_REQUEST)
            .by(request -> Response.ok(agents.search(SearchParams.read(request)))),
        Route.post("/search", "Search agents")
            .operation(
                "searchAgents",
                "Equivalent to the list, with the filter, the order and the page in the body.")
            .needs(AGENTS_READ)
            .reads(SearchParams.NAME)
            .takes(SearchRequest.class)
            .gives(200, Page.class, Agent.class, INVALID_REQUEST)
            .by(request -> Response.ok(agents.search(SearchParams.search(request)))),
        Route.get("/{id}", "Get an agent")
            .operation(
                "getAgent", "Returns the latest revision of the agent. The `ETag` is its number.")
            .needs(AGENTS_READ)
            .reads(ID)
            .gives(200, Agent.class, INVALID_REQUEST, NOT_FOUND)
            .by(request -> shown(agents.find(id(request)))),
        Route.put("/{id}", "Replace an agent")
            .operation(
                "replaceAgent",
                "Stores a new revision if anything differs. An omitted secret keeps its stored"
                    + " value; `null` clears it.")
            .needs(AGENTS_WRITE)
            .reads(ID, IfMatch.HEADER)
            .takes(AgentInput.class)
            .gives(
                200,
                Agent.class,
                INVALID_REQUEST,
                NOT_FOUND,
                NAME_TAKEN,
                SECRET_REQUIRED,
                STALE_VERSION)
            .by(this::replace),
        Route.delete("/{id}", "Delete an agent and its revisions")
            .operation("deleteAgent", "Cannot be undone. Runs in progress continue.")
            .needs(AGENTS_WRITE)
            .reads(ID, IfMatch.HEADER)
            .givesNothing(204, INVALID_REQUEST, NOT_FOUND, IN_USE, STALE_VERSION)
            .by(this::delete),
        Route.get("/{id}/revisions", "List the revisions of an agent")
            .operation(
                "listAgentRevisions",
                "Returns one page of revisions, newest first, each with the time from which it was"
                    + " in effect.")
            .needs(AGENTS_READ)
            .reads(ID, SearchParams.PAGE, SearchParams.PAGE_SIZE)
            .gives(200, Page.class, AgentRevision.class, INVALID_REQUEST, NOT_FOUND)
            .by(this::revisions),
        Route.get("/{id}/revisions/{revision}", "Get a revision of an agent")
            .operation(
                "getAgentRevision", "Returns the agent's name and configuration at that revision.")
            .needs(AGENTS_READ)
            .reads(ID, REVISION)
            .gives(200, AgentRevision.class, INVALID_REQUEST, NOT_FOUND)
            .by(request -> Response.ok(agents.revision(id(request), request.path(REVISION)))),
        Route.post("/{id}/revisions/{revision}/restore", "Restore a revision of an agent")
            .operation(
                "restoreAgentRevision",
                "Stores the name, configuration and secrets of that revision as a new revision.")
            .needs(AGENTS_WRITE)
            .reads(ID, REVISION, IfMatch.HEADER)
            .gives(
                200,
                Agent.class,
                INVALID_REQUEST,
                NOT_FOUND,
                NAME_TAKEN,
                PROVIDER_GONE,
                STALE_VERSION)
            .by(this::restore));
  }

  private UUID id(Request<?> request) {
    return id(request.path(ID), agents);
  }

  /// Resolves an agent named in a path to its id.
  ///
  /// @throws AgentException.NotFound if no agent has the name
  public static UUID id(IdOrName agent, Agents agents) {
    return switch (agent) {
      case IdOrName.Id(UUID id) -> id;
      case IdOrName.Name name ->
          agents.idOf(name).orElseThrow(() -> new AgentException.NotFound(name.name()));
    };
  }

  private void check(JsonNode body) {
    if (body.has("config")) {
      agents.check(new GivenAgentConfig(body.get("config")));
    }
  }

  private Response create(Request<AgentInput> request) {
    Agent created =
        agents.create(
            request.body(), request.optional(IdempotencyKey.HEADER).map(IdempotencyKey::value));
    return Response.created(PREFIX + "/" + created.id(), created)
        .with("ETag", ETag.of(created.revision()));
  }

  private Response replace(Request<AgentInput> request) {
    return shown(agents.replace(id(request), request.body(), IfMatch.expected(request)));
  }

  private Response delete(Request<Void> request) {
    agents.delete(id(request), IfMatch.expected(request));
    return Response.noContent();
  }

  private Response revisions(Request<Void> request) {
    return Response.ok(agents.revisions(id(request), SearchParams.page(request)));
  }

  private Response restore(Request<Void> request) {
    return shown(agents.restore(id(request), request.path(REVISION), IfMatch.expected(request)));
  }

  private static Response shown(Agent agent) {
    return Response.ok(agent).with("ETag", ETag.of(agent.revision()));
  }

  /// Maps an [AgentException] to a problem.
  public static Optional<Problem> problem(RuntimeException failure) {
    return failure instanceof AgentException e
        ? Optional.of(Problem.of(type(e), String.valueOf(e.getMessage())))
        : Optional.empty();
  }

  private static ProblemType type(AgentException failure) {
    return switch (failure) {
      case AgentException.NotFound _, AgentException.RevisionNotFound _ -> NOT_FOUND;
      case AgentException.NameTaken _ -> NAME_TAKEN;
      case AgentException.InUse _ -> IN_USE;
      case AgentException.Stale _ -> STALE_VERSION;
      case AgentException.SecretRequired _ -> SECRET_REQUIRED;
      case AgentException.ProviderGone _ -> PROVIDER_GONE;
    };
  }
}
