package dev.agentlab.providers;

import static dev.agentlab.http.ProblemType.IDEMPOTENCY_KEY_REUSED;
import static dev.agentlab.http.ProblemType.INVALID_REQUEST;
import static dev.agentlab.http.ProblemType.IN_USE;
import static dev.agentlab.http.ProblemType.NAME_TAKEN;
import static dev.agentlab.http.ProblemType.NOT_FOUND;
import static dev.agentlab.http.ProblemType.REQUEST_IN_PROGRESS;
import static dev.agentlab.http.ProblemType.SECRET_REQUIRED;
import static dev.agentlab.http.ProblemType.STALE_VERSION;
import static dev.agentlab.http.ProblemType.UNAVAILABLE;
import static dev.agentlab.providers.ProviderFeature.PROVIDERS_READ;
import static dev.agentlab.providers.ProviderFeature.PROVIDERS_WRITE;

import dev.agentlab.database.Versioned;
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
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.kinds.ProbeReport;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.kinds.ProviderProbe;
import dev.agentlab.kinds.ResolvedProvider;
import dev.agentlab.listing.Page;
import dev.agentlab.listing.SearchParams;
import dev.agentlab.listing.SearchRequest;
import dev.agentlab.modelclient.ModelCatalog;
import dev.agentlab.modelclient.ModelList;
import dev.agentlab.upstream.UpstreamException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The HTTP routes of providers.
final class ProviderRoutes {
  private static final String PREFIX = "/api/providers";

  private static final Param<IdOrName> ID = Param.idOrName("The provider's id or name.");

  private final Providers providers;
  private final ProviderKinds kinds;
  private final ProviderProbe probe;
  private final ModelCatalog models;

  private ProviderRoutes(
      Providers providers, ProviderKinds kinds, ProviderProbe probe, ModelCatalog models) {
    this.providers = providers;
    this.kinds = kinds;
    this.probe = probe;
    this.models = models;
  }

  /// The route group.
  static RouteGroup of(
      Providers providers, ProviderKinds kinds, ProviderProbe probe, ModelCatalog models) {
    ProviderRoutes routes = new ProviderRoutes(providers, kinds, probe, models);
    return new RouteGroup(
        PREFIX,
        "Providers",
        "Endpoints that serve models. Secrets are write-only.",
        ProviderRoutes::problem,
        routes.all());
  }

  private List<Route> all() {
    return List.of(
        Route.post("", "Create a provider")
            .operation(
                "createProvider",
                "Validates the configuration without calling the provider, and stores it with its"
                    + " secrets encrypted.")
            .requires(PROVIDERS_WRITE)
            .parameters(IdempotencyKey.HEADER)
            .accepts(ProviderInput.class, this::check)
            .returns(
                201,
                Provider.class,
                INVALID_REQUEST,
                NAME_TAKEN,
                REQUEST_IN_PROGRESS,
                IDEMPOTENCY_KEY_REUSED)
            .handledBy(this::create),
        Route.get("", "List providers")
            .operation(
                "listProviders",
                "Filters, sorts and pages by query parameters. A page after the last one is empty.")
            .requires(PROVIDERS_READ)
            .parameters(SearchParams.all())
            .returns(200, Page.class, Provider.class, INVALID_REQUEST)
            .handledBy(request -> Response.ok(providers.search(SearchParams.readQuery(request)))),
        Route.post("/search", "Search providers")
            .operation(
                "searchProviders",
                "Same as listing, with the filter, the order and the page in the body.")
            .requires(PROVIDERS_READ)
            .parameters(SearchParams.NAME)
            .accepts(SearchRequest.class)
            .returns(200, Page.class, Provider.class, INVALID_REQUEST)
            .handledBy(request -> Response.ok(providers.search(SearchParams.readBody(request)))),
        Route.get("/{id}", "Get a provider")
            .operation(
                "getProvider",
                "Secrets are masked: each is shown as set, with a hint. The `ETag` is the version.")
            .requires(PROVIDERS_READ)
            .parameters(ID)
            .returns(200, Provider.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(request -> okWithETag(providers.find(resolveId(request)))),
        Route.put("/{id}", "Replace a provider")
            .operation(
                "replaceProvider",
                "A secret that is omitted keeps its stored value as long as the destination is the"
                    + " same; `null` clears it.")
            .requires(PROVIDERS_WRITE)
            .parameters(ID, IfMatch.HEADER)
            .accepts(ProviderInput.class)
            .returns(
                200,
                Provider.class,
                INVALID_REQUEST,
                NOT_FOUND,
                NAME_TAKEN,
                SECRET_REQUIRED,
                STALE_VERSION)
            .handledBy(this::replace),
        Route.delete("/{id}", "Delete a provider")
            .operation(
                "deleteProvider",
                "Rejected while agents or routes use the provider; the response lists them.")
            .requires(PROVIDERS_WRITE)
            .parameters(ID, IfMatch.HEADER)
            .returnsEmpty(204, INVALID_REQUEST, NOT_FOUND, IN_USE, STALE_VERSION)
            .handledBy(this::delete),
        Route.get("/{id}/dependents", "List the dependents of a provider")
            .operation(
                "listProviderDependents",
                "Returns one page of the agents and routes that use the provider and prevent its"
                    + " deletion, the agents first.")
            .requires(PROVIDERS_READ)
            .parameters(ID, SearchParams.PAGE, SearchParams.PAGE_SIZE)
            .returns(200, Dependents.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(this::dependents),
        Route.post("/probe", "Test a provider configuration")
            .operation(
                "probeProviderConfig",
                "Calls the provider in stages: resolve, connect, TLS, authenticate, list models."
                    + " Stores nothing. The status is 200 even if a stage fails; the failed stage"
                    + " states the cause and the fix.")
            .requires(PROVIDERS_WRITE)
            .accepts(ProbeInput.class)
            .returns(200, ProbeReport.class, INVALID_REQUEST, NOT_FOUND, SECRET_REQUIRED)
            .handledBy(request -> runProbe(request, providers.resolveCandidate(request.body()))),
        Route.post("/{id}/probe", "Test a provider")
            .operation(
                "probeProvider",
                "Calls the provider in stages: resolve, connect, TLS, authenticate, list models."
                    + " The status is 200 even if a stage fails; the failed stage states the cause"
                    + " and the fix.")
            .requires(PROVIDERS_WRITE)
            .parameters(ID)
            .returns(200, ProbeReport.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(
                request -> runProbe(request, providers.resolve(resolveId(request)).callable())),
        Route.get("/{id}/models", "List the models of a provider")
            .operation(
                "listProviderModels",
                "Returns the cached list immediately and refreshes it in the background; `state` is"
                    + " the freshness of the list.")
            .requires(PROVIDERS_READ)
            .parameters(ID)
            .returns(200, ModelList.class, INVALID_REQUEST, NOT_FOUND)
            .handledBy(this::models));
  }

  private UUID resolveId(Request<?> request) {
    return switch (request.path(ID)) {
      case IdOrName.Id(UUID id) -> id;
      case IdOrName.Name(String name) ->
          providers.findId(name).orElseThrow(() -> new ProviderException.NotFound(name));
    };
  }

  private void check(JsonNode body) {
    if (body.has("config")) {
      kinds.parse(body.get("config"));
    }
  }

  private Response create(Request<ProviderInput> request) {
    Provider provider =
        providers.create(
            request.body(), request.optional(IdempotencyKey.HEADER).map(IdempotencyKey::value));
    return Response.created(PREFIX + "/" + provider.id(), provider).withHeader("ETag", ETag.of(1));
  }

  private Response replace(Request<ProviderInput> request) {
    return okWithETag(
        providers.replace(resolveId(request), request.body(), IfMatch.expected(request)));
  }

  private Response delete(Request<Void> request) {
    providers.delete(resolveId(request), IfMatch.expected(request));
    return Response.noContent();
  }

  private Response dependents(Request<Void> request) {
    return Response.ok(providers.dependents(resolveId(request), SearchParams.readPage(request)));
  }

  private Response runProbe(Request<?> request, CallableProvider provider) {
    // From here on the thread only waits for the provider; an interrupt cancels the request to it.
    request.onCancel(Thread.currentThread()::interrupt);
    return Response.ok(probe.run(provider));
  }

  private Response models(Request<Void> request) {
    UUID id = resolveId(request);
    ResolvedProvider provider = providers.resolve(id);
    return Response.ok(models.models(id, provider.version(), provider.callable()));
  }

  private static Response okWithETag(Versioned<Provider> provider) {
    return Response.ok(provider.value()).withHeader("ETag", ETag.of(provider.version()));
  }

  private static Optional<Problem> problem(RuntimeException failure) {
    return switch (failure) {
      case ProviderException rejection ->
          Optional.of(
              Problem.of(problemType(rejection), String.valueOf(rejection.getMessage()))
                  .withBlockers(blockers(rejection)));
      // No caller reads this response: the client of the probe has disconnected.
      case UpstreamException e when e.kind() == UpstreamException.Kind.CANCELLED ->
          Optional.of(Problem.of(UNAVAILABLE, "the probe was cancelled"));
      default -> Optional.empty();
    };
  }

  private static List<Problem.Blocker> blockers(ProviderException failure) {
    return failure instanceof ProviderException.InUse inUse
        ? Stream.concat(
                inUse.dependents().agents().stream().map(it -> blocker("agent", it)),
                inUse.dependents().routes().stream().map(it -> blocker("route", it)))
            .toList()
        : List.of();
  }

  private static Problem.Blocker blocker(String kind, Dependents.Dependent dependent) {
    return new Problem.Blocker(kind, dependent.id(), dependent.name());
  }

  private static ProblemType problemType(ProviderException failure) {
    return switch (failure) {
      case ProviderException.NotFound _ -> NOT_FOUND;
      case ProviderException.NameTaken _ -> NAME_TAKEN;
      case ProviderException.InUse _ -> IN_USE;
      case ProviderException.Stale _ -> STALE_VERSION;
      case ProviderException.SecretRequired _ -> SECRET_REQUIRED;
    };
  }
}
