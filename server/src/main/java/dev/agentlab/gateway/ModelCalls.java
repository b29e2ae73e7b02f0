package dev.agentlab.gateway;

import dev.agentlab.dialects.AnsweredResponse;
import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.dialects.ProviderRequest;
import dev.agentlab.dialects.ResponseIds;
import dev.agentlab.dialects.TokenEstimator;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.modelclient.CallContext;
import dev.agentlab.modelclient.CallLabels;
import dev.agentlab.modelclient.CallPlan;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.modelclient.ModelResponse;
import dev.agentlab.modelclient.PlanRequest;
import dev.agentlab.modelclient.PlannedTarget;
import dev.agentlab.modelclient.RawRequest;
import dev.agentlab.modelclient.ResponseKeeper;
import dev.agentlab.modelclient.routes.CallContexts;
import dev.agentlab.modelclient.routes.LabelHeaders;
import dev.agentlab.modelclient.routes.ResultHeaders;
import dev.agentlab.security.GrantSet;
import dev.agentlab.upstream.UpstreamRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// Calls the models that clients name, and answers in the API of the client.
///
/// @param labels reads the labels of calls
record ModelCalls(ModelDirectory models, ModelClient modelClient, RequestLabels labels) {

  /// The request of a client, with the header fields of vendors.
  ///
  /// @throws InvalidInputException if it is not a JSON object with a model
  static ModelRequest receive(Operation operation, Request<byte[]> request) {
    ModelRequest received =
        ModelRequest.parse(operation, request.body())
            .withVendorHeaders(request.headers(VendorHeaders::passesToProvider));
    if (received.model().isEmpty()) {
      throw new InvalidInputException("model", "is required: the name of an agent or a model");
    }
    return received;
  }

  /// Finds the model of a request, which the caller may use.
  CompletableFuture<ResolvedModel> resolve(ModelRequest received, Request<?> request) {
    return models
        .resolve(
            received.model(),
            request.caller().grants(),
            planRequest(request, Optional.of(received)),
            request.loop())
        .thenApply(model -> {
          requireFallbacks(model, received, request.caller().grants());
          return model.keepingReasoning(received);
        });
  }

  /// Finds a model that the caller may use.
  CompletableFuture<ResolvedModel> resolve(String name, Request<?> request) {
    return models.resolve(
        name, request.caller().grants(), planRequest(request, Optional.empty()), request.loop());
  }

  private PlanRequest planRequest(Request<?> request, Optional<ModelRequest> received) {
    return PlanRequest.of(
        () -> labels.sessions().of(request, received).map(LabelHeaders.Session::id));
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
    if (model.plan().route().isPresent()) {
      throw new InvalidInputException("models", "must be absent: the route decides");
    }
    if (model.plan().first().agent().isPresent()) {
      throw new InvalidInputException("models", "must be absent: the agent decides");
    }
    for (JsonNode fallback : received.member("models")) {
      if (!grants.allowsModel(model.first().provider(), fallback.stringValue(""))) {
        throw new GatewayException.ModelNotFound(fallback.stringValue(""), "");
      }
    }
  }

  /// Calls the model of a request.
  CompletableFuture<Response> call(ModelRequest received, ClientErrors errors, Request<?> request) {
    return resolve(received, request).thenCompose(model -> call(model, received, errors, request));
  }

  /// Calls a model.
  CompletableFuture<Response> call(
      ResolvedModel model, ModelRequest received, ClientErrors errors, Request<?> request) {
    return call(model, received, errors, request, context(errors, request, received));
  }

  /// Calls a model, and keeps its response before the client receives the end of it.
  CompletableFuture<Response> call(
      ResolvedModel model,
      ModelRequest received,
      ClientErrors errors,
      Request<?> request,
      ResponseKeeper keeper) {
    return call(
        model, received, errors, request, context(errors, request, received).withKeeper(keeper));
  }

  private CompletableFuture<Response> call(
      ResolvedModel model,
      ModelRequest received,
      ClientErrors errors,
      Request<?> request,
      CallContext context) {
    CompletableFuture<Response> response =
        received.isStreaming()
            ? modelClient.stream(
                    model.plan().thenPrepare(_ -> true, ModelRequest::withStreamUsage),
                    received,
                    context)
                .thenApply(stream ->
                    Response.events(
                            stream.events(),
                            detail -> errors.unauthenticatedEvent(detail, request.id()),
                            errors.keepAlive())
                        .withHeaders(GatewayHeaders.of(request, errors, model, stream)))
            : complete(model.plan(), received, context)
                .thenApply(complete ->
                    Response.rawJson(complete.json())
                        .withHeaders(GatewayHeaders.of(request, errors, model, complete)));
    return errors.withErrors(response, request, model, received.isStreaming());
  }

  private CompletableFuture<ModelResponse> complete(
      CallPlan plan, ModelRequest received, CallContext context) {
    CompletableFuture<ModelResponse> completed = modelClient.complete(plan, received, context);
    return received.operation() == Operation.RESPONSES
        ? completed.thenCompose(
            complete -> keep(complete, context.keeper()).thenApply(_ -> complete))
        : completed;
  }

  private static CompletableFuture<Void> keep(ModelResponse complete, ResponseKeeper keeper) {
    boolean isNative = complete.target().callable().dialect().isNative(Operation.RESPONSES);
    return ResponseIds.of(complete.json())
        .map(id ->
            new AnsweredResponse(id, isNative ? Optional.empty() : Optional.of(complete.json())))
        .map(answered -> keeper.keep(answered, complete.target()))
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  /// Forwards a request to the providers of a model, which have the API of the client.
  ///
  /// @param received the JSON of the request; empty if it has another form
  /// @param body the body for a target
  CompletableFuture<Response> forward(
      Operation operation,
      ResolvedModel model,
      Optional<ModelRequest> received,
      Function<CallTarget, UpstreamRequest.Body> body,
      ClientErrors errors,
      Request<?> request) {
    Map<String, String> headers = new HashMap<>(request.headers(VendorHeaders::passesToProvider));
    headers.put("content-type", contentType(request));
    headers.putAll(request.headers(name -> name.equals("accept")));
    return forwardPlanned(
        operation,
        model,
        planned ->
            new RawRequest(
                "POST",
                planned.target().callable().url(operation.path()),
                headers,
                body.apply(planned.target())),
        errors,
        request,
        labels.read(request, received));
  }

  /// Forwards a request.
  ///
  /// @param requests the request for a target
  CompletableFuture<Response> forwardRaw(
      Operation operation,
      ResolvedModel model,
      Function<CallTarget, RawRequest> requests,
      ClientErrors errors,
      Request<?> request) {
    return forwardPlanned(
        operation,
        model,
        planned -> requests.apply(planned.target()),
        errors,
        request,
        labels.read(request, Optional.empty()));
  }

  private CompletableFuture<Response> forwardPlanned(
      Operation operation,
      ResolvedModel model,
      Function<PlannedTarget, RawRequest> requests,
      ClientErrors errors,
      Request<?> request,
      CallLabels callLabels) {
    return errors.withErrors(
        modelClient
            .forward(model.plan(), operation, requests, context(errors, request, callLabels))
            .thenApply(result ->
                RawResponses.of(result, GatewayHeaders.of(request, errors, model, result))),
        request,
        model,
        false);
  }

  /// Counts the tokens of a request: its provider does if it has the API of the client, and others
  /// are estimated.
  ///
  /// @param member the member of the response with the number
  CompletableFuture<Response> countTokens(
      ModelRequest received, String member, ClientErrors errors, Request<?> request) {
    return resolve(received, request)
        .thenCompose(model -> countTokens(model, received, member, errors, request));
  }

  /// Counts the tokens of a request to a model, as [#countTokens(ModelRequest, String,
  /// ClientErrors, Request)].
  CompletableFuture<Response> countTokens(
      ResolvedModel model,
      ModelRequest received,
      String member,
      ClientErrors errors,
      Request<?> request) {
    if (isNative(model.plan().first(), received.operation())) {
      return forward(model, received, errors, request);
    }
    ModelRequest prepared = model.plan().first().preparation().apply(received);
    return estimateTokens(prepared, member, errors, request);
  }

  /// Whether a target speaks the dialect of a request.
  static boolean isNative(PlannedTarget planned, Operation operation) {
    return planned.target().callable().dialect().isNative(operation);
  }

  /// Forwards a request to those providers of a model that have its operation; there is one.
  CompletableFuture<Response> forward(
      ResolvedModel model, ModelRequest received, ClientErrors errors, Request<?> request) {
    ResolvedModel nativeModel = model.only(it -> isNative(it, received.operation())).orElseThrow();
    return forwardPlanned(
        received.operation(),
        nativeModel,
        planned -> rawRequest(planned, received),
        errors,
        request,
        labels.read(request, Optional.of(received)));
  }

  private static RawRequest rawRequest(PlannedTarget planned, ModelRequest received) {
    CallTarget target = planned.target();
    ProviderRequest wire =
        target
            .callable()
            .dialect()
            .translateRequest(planned.preparation().apply(received).withModel(target.model()));
    Map<String, String> headers = new HashMap<>(wire.headers());
    headers.put("content-type", "application/json");
    return new RawRequest(
        "POST",
        target.callable().url(wire.path()),
        headers,
        new UpstreamRequest.Body.Bytes(wire.body()));
  }

  private static CompletableFuture<Response> estimateTokens(
      ModelRequest prepared, String member, ClientErrors errors, Request<?> request) {
    String warning = member + " is an estimate: the provider does not count tokens.";
    return request
        .loop()
        .offload(() ->
            Response.ok(tokenCount(prepared, member))
                .withHeaders(errors.requestIdHeaders(request.id()))
                .withHeaders(GatewayHeaders.of(request))
                .withHeader("Agent-Lab-Warnings", ResultHeaders.encode(warning)));
  }

  private static Map<String, Object> tokenCount(ModelRequest prepared, String member) {
    Map<String, Object> json = new HashMap<>(Map.of(member, TokenEstimator.estimate(prepared)));
    if (prepared.operation() == Operation.COUNT_RESPONSE_TOKENS) {
      json.put("object", "response.input_tokens");
    }
    return json;
  }

  static String contentType(Request<?> request) {
    return request.headers(name -> name.equals("content-type")).getOrDefault("content-type", "");
  }

  private CallContext context(ClientErrors errors, Request<?> request, ModelRequest received) {
    return context(errors, request, labels.read(request, Optional.of(received)));
  }

  private static CallContext context(ClientErrors errors, Request<?> request, CallLabels labels) {
    return CallContexts.of(
        request,
        errors.vendor(),
        (failure, position) -> errors.event(failure, request.id(), position),
        labels);
  }
}
