package dev.agentlab.gateway;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.ApiConventions;
import dev.agentlab.http.Param;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.modelclient.CallContext;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.modelclient.routes.CallContexts;
import dev.agentlab.security.GrantSet;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/// OpenAI's API (https://platform.openai.com/docs/api-reference), for every registered provider and
/// agent. The base URL of a client may end in `/v1` or not.
final class OpenAiRoutes {
  static final ProblemType MODEL_NOT_FOUND =
      new ProblemType("model-not-found", 404, "Model not found");

  static final String CLIENT_DIALECT = "openai";
  static final ApiConventions CONVENTIONS = new ApiConventions(new OpenAiErrors(), true);
  private static final Param<String> MODEL = Param.pathText("model", "The name of the model.");

  private final ModelDirectory models;
  private final ModelListing listing;
  private final ModelClient modelClient;
  private final NativeRoutes forwarded;
  private final int maxBodyBytes;

  /// @param forwarded for requests that pass as they are
  /// @param maxBodyBytes maximum size of a request body
  OpenAiRoutes(
      ModelDirectory models,
      ModelListing listing,
      ModelClient modelClient,
      NativeRoutes forwarded,
      int maxBodyBytes) {
    this.models = models;
    this.listing = listing;
    this.modelClient = modelClient;
    this.forwarded = forwarded;
    this.maxBodyBytes = maxBodyBytes;
  }

  /// The routes below a prefix.
  RouteGroup group(String prefix) {
    return new RouteGroup(
        prefix,
        "OpenAI",
        "OpenAI's API.",
        CONVENTIONS,
        OpenAiRoutes::problem,
        List.of(
            modelCall("/chat/completions", Operation.CHAT),
            modelCall("/embeddings", Operation.EMBEDDINGS),
            Route.post("/completions", "Continue a text")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .acceptsJsonBytes(maxBodyBytes)
                .returnsBytes(200, MODEL_NOT_FOUND)
                .handledOnLoopBy(this::complete),
            Route.get("/models", "List the models")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .returns(200, Object.class)
                .handledBy(this::list),
            Route.get("/models/{model*}", "Get a model")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .parameters(MODEL)
                .returns(200, Object.class, MODEL_NOT_FOUND)
                .handledBy(this::find)));
  }

  private Route modelCall(String path, Operation operation) {
    return Route.post(path, "Call a model")
        .requires(Scope.INVOKE)
        .checkingTarget()
        .acceptsJsonBytes(maxBodyBytes)
        .returns(200, Object.class, MODEL_NOT_FOUND)
        .handledOnLoopBy(request -> call(operation, request));
  }

  private CompletableFuture<Response> call(Operation operation, Request<byte[]> request) {
    ModelRequest received = receive(operation, request);
    return resolve(received, request).thenCompose(model -> call(model, received, request));
  }

  /// Continues a text: a request to a provider that has completions is forwarded, and one to
  /// another or to an agent becomes a chat.
  private CompletableFuture<Response> complete(Request<byte[]> request) {
    ModelRequest received = receive(Operation.COMPLETIONS, request);
    return resolve(received, request)
        .thenCompose(model ->
            NativeRoutes.nativeTarget(model)
                .map(target -> forwarded.forward(received, target, request))
                .orElseGet(() -> call(model, received.toChat(), request)));
  }

  private static ModelRequest receive(Operation operation, Request<byte[]> request) {
    ModelRequest received =
        ModelRequest.parse(operation, request.body())
            .withVendorHeaders(request.headers(VendorHeaders::passesToProvider));
    if (received.model().isEmpty()) {
      throw new InvalidInputException("model", "is required: the name of an agent or a model");
    }
    return received;
  }

  private CompletableFuture<ResolvedModel> resolve(ModelRequest received, Request<?> request) {
    GrantSet grants = request.caller().grants();
    return models
        .resolve(received.model(), grants, request.loop())
        .thenApply(model -> {
          requireFallbacks(model, received, grants);
          return model;
        });
  }

  /// Requires that the caller may use each of the models to which OpenRouter may change
  /// (https://openrouter.ai/docs/guides/routing/model-fallbacks).
  ///
  /// @throws GatewayException.ModelNotFound if it may not
  private static void requireFallbacks(
      ResolvedModel model, ModelRequest received, GrantSet grants) {
    if (!received.has("models")) {
      return;
    }
    if (!(model instanceof ResolvedModel.OfProvider(CallTarget target))) {
      throw new InvalidInputException("models", "must be absent: the agent decides");
    }
    for (JsonNode fallback : received.member("models")) {
      if (!grants.allowsModel(target.provider(), fallback.stringValue(""))) {
        throw new GatewayException.ModelNotFound(fallback.stringValue(""), "");
      }
    }
  }

  private CompletableFuture<Response> call(
      ResolvedModel model, ModelRequest received, Request<?> request) {
    CallContext context = CallContexts.of(request, CLIENT_DIALECT, OpenAiErrors::event);
    return switch (model) {
      case ResolvedModel.OfAgent(var agent) ->
          send(model, agent.apply(received), context.forAgent(agent.agent()), request);
      case ResolvedModel.OfProvider _ -> send(model, received, context, request);
    };
  }

  private CompletableFuture<Response> send(
      ResolvedModel model, ModelRequest prepared, CallContext context, Request<?> request) {
    CallPlan plan = CallPlan.of(model.target());
    CompletableFuture<Response> response =
        prepared.isStreaming()
            ? modelClient.stream(plan, prepared.withStreamUsage(), context)
                .thenApply(stream ->
                    Response.events(stream.events(), OpenAiErrors::unauthenticatedEvent)
                        .withHeaders(GatewayHeaders.of(request, model, stream)))
            : modelClient
                .complete(plan, prepared, context)
                .thenApply(complete ->
                    Response.rawJson(complete.json())
                        .withHeaders(GatewayHeaders.of(request, model, complete)));
    return OpenAiErrors.withErrors(response, request, model);
  }

  private Response list(Request<Void> request) {
    return Response.ok(new ModelList("list", listing.list(request.caller().grants())))
        .withHeaders(GatewayHeaders.of(request));
  }

  private Response find(Request<Void> request) {
    return Response.ok(listing.find(request.path(MODEL), request.caller().grants()))
        .withHeaders(GatewayHeaders.of(request));
  }

  /// @param object always `list`
  private record ModelList(String object, List<ModelListing.ListedModel> data) {}

  static Optional<Problem> problem(RuntimeException failure) {
    Optional<ProblemType> type =
        switch (failure) {
          case GatewayException.ModelNotFound _ -> Optional.of(MODEL_NOT_FOUND);
          case GatewayException.ProviderNotFound _ -> Optional.of(ProblemType.NOT_FOUND);
          case GatewayException.AdministrationRefused _ -> Optional.of(ProblemType.FORBIDDEN);
          case GatewayException.SignedBodyTooLarge _ -> Optional.of(ProblemType.PAYLOAD_TOO_LARGE);
          case ModelCallException e -> Optional.of(CallContexts.problemType(e));
          default -> Optional.empty();
        };
    return type.map(it -> Problem.of(it, String.valueOf(failure.getMessage())));
  }
}
