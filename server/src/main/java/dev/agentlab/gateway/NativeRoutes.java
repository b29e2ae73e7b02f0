package dev.agentlab.gateway;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.http.BodyStream;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.ModelClient;
import dev.agentlab.modelclient.RawRequest;
import dev.agentlab.modelclient.routes.CallContexts;
import dev.agentlab.security.Scope;
import dev.agentlab.upstream.UpstreamRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// The operations of OpenAI's API that only providers with the same API have. Requests and
/// responses pass as they are, except for the name of the model. Completions of other models are
/// chats ([OpenAiRoutes]).
final class NativeRoutes {
  private static final List<Operation> JSON =
      List.of(
          Operation.MODERATIONS, Operation.RERANK, Operation.IMAGE_GENERATION, Operation.SPEECH);

  private static final List<Operation> FORMS =
      List.of(
          Operation.TRANSCRIPTION,
          Operation.TRANSLATION,
          Operation.IMAGE_EDIT,
          Operation.IMAGE_VARIATION);

  private final ModelDirectory models;
  private final ModelClient modelClient;
  private final MemoryBudget memory;
  private final int maxBodyBytes;

  /// @param memory for what is held back of forms
  /// @param maxBodyBytes maximum size of a request body
  NativeRoutes(
      ModelDirectory models, ModelClient modelClient, MemoryBudget memory, int maxBodyBytes) {
    this.models = models;
    this.modelClient = modelClient;
    this.memory = memory;
    this.maxBodyBytes = maxBodyBytes;
  }

  /// The routes below a prefix.
  RouteGroup group(String prefix) {
    return new RouteGroup(
        prefix,
        "OpenAI, forwarded",
        "Operations of OpenAI's API that are forwarded to providers with the same API.",
        OpenAiRoutes.CONVENTIONS,
        OpenAiRoutes::problem,
        Stream.concat(JSON.stream().map(this::jsonRoute), FORMS.stream().map(this::formRoute))
            .toList());
  }

  private static Route.ResponseStage<Void> route(Operation operation) {
    return Route.post("/" + operation.path(), "Forward a request to a provider")
        .requires(Scope.INVOKE)
        .checkingTarget();
  }

  private Route jsonRoute(Operation operation) {
    return route(operation)
        .acceptsJsonBytes(maxBodyBytes)
        .returnsBytes(200, OpenAiRoutes.MODEL_NOT_FOUND)
        .handledOnLoopBy(request -> forwardJson(operation, request));
  }

  private Route formRoute(Operation operation) {
    return route(operation)
        .acceptsStream(maxBodyBytes)
        .returnsBytes(200, OpenAiRoutes.MODEL_NOT_FOUND)
        .handledOnLoopBy(request -> forwardForm(operation, request));
  }

  private CompletableFuture<Response> forwardJson(Operation operation, Request<byte[]> request) {
    ModelRequest received = ModelRequest.parse(operation, request.body());
    if (received.model().isEmpty()) {
      throw new InvalidInputException("model", "is required: the name of a model of a provider");
    }
    return resolve(received.model(), request)
        .thenCompose(
            model -> forward(received, nativeTarget(operation, received.model(), model), request));
  }

  private CompletableFuture<ResolvedModel> resolve(String name, Request<?> request) {
    return models.resolve(name, request.caller().grants(), request.loop());
  }

  /// Forwards a request with a JSON object to a provider with OpenAI's API.
  CompletableFuture<Response> forward(
      ModelRequest received, CallTarget target, Request<?> request) {
    return forward(
        received.operation(),
        target,
        request,
        new UpstreamRequest.Body.Bytes(received.withModel(target.model()).bytes()));
  }

  private CompletableFuture<Response> forwardForm(
      Operation operation, Request<BodyStream> request) {
    String contentType = contentType(request);
    ModelForm form = ModelForm.receive(request.body(), contentType, memory);
    return form.model()
        .thenCompose(name ->
            resolve(name, request)
                .thenCompose(model -> {
                  CallTarget target = nativeTarget(operation, name, model);
                  form.setModel(target.model());
                  return forward(
                      operation,
                      target,
                      request,
                      new UpstreamRequest.Body.Stream(form.length(), form));
                }))
        .whenComplete((_, _) -> form.close())
        .exceptionally(thrown -> {
          // The call ends because of the form, not the form because of the call.
          Throwable failure = form.failure();
          throw Completions.toRuntimeException(failure == null ? thrown : failure);
        });
  }

  private static String contentType(Request<?> request) {
    return request.headers(name -> name.equals("content-type")).getOrDefault("content-type", "");
  }

  private CompletableFuture<Response> forward(
      Operation operation, CallTarget target, Request<?> request, UpstreamRequest.Body body) {
    RawRequest raw =
        new RawRequest(
            operation, "POST", target.callable().url(operation.path()), headers(request), body);
    return RawResponses.of(
        modelClient.forward(
            target,
            raw,
            CallContexts.of(request, OpenAiRoutes.CLIENT_DIALECT, OpenAiErrors::event)),
        request,
        new ResolvedModel.OfProvider(target));
  }

  private static Map<String, String> headers(Request<?> request) {
    Map<String, String> headers = new HashMap<>(request.headers(VendorHeaders::passesToProvider));
    headers.put("content-type", contentType(request));
    headers.putAll(request.headers(name -> name.equals("accept")));
    return headers;
  }

  /// The provider that receives the request.
  ///
  /// @throws InvalidInputException if there is none with OpenAI's API
  private static CallTarget nativeTarget(Operation operation, String name, ResolvedModel model) {
    if (!(model instanceof ResolvedModel.OfProvider)) {
      throw new InvalidInputException(
          "model",
          "must be a model of a provider for /%s, not an agent, was \"%s\""
              .formatted(operation.path(), Excerpt.of(name)));
    }
    return nativeTarget(model)
        .orElseThrow(() ->
            new InvalidInputException(
                "model",
                "must be a model of a provider with OpenAI's API for /%s, such as one of kind openai, azure"
                        .formatted(operation.path())
                    + " or openai-compatible, was \"%s\" of kind %s"
                        .formatted(Excerpt.of(name), model.target().callable().kind().name())));
  }

  /// The provider that receives the requests to a model as they are; empty if it has another API,
  /// or if the model is an agent.
  static Optional<CallTarget> nativeTarget(ResolvedModel model) {
    return model instanceof ResolvedModel.OfProvider(CallTarget target)
            && target.callable().dialect().vendor().equals(OpenAiErrors.VENDOR)
            && target.callable().transport().isEmpty()
        ? Optional.of(target)
        : Optional.empty();
  }
}
