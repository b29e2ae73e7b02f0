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
import dev.agentlab.kinds.CallableProvider;
import dev.agentlab.memory.MemoryBudget;
import dev.agentlab.modelclient.CallTarget;
import dev.agentlab.modelclient.PlannedTarget;
import dev.agentlab.security.Scope;
import dev.agentlab.upstream.UpstreamRequest;
import java.util.List;
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

  private final ModelCalls calls;
  private final MemoryBudget memory;
  private final int maxBodyBytes;

  /// @param memory for what is held back of forms
  /// @param maxBodyBytes maximum size of a request body
  NativeRoutes(ModelCalls calls, MemoryBudget memory, int maxBodyBytes) {
    this.calls = calls;
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
        GatewayProblems::of,
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
        .returnsBytes(200, GatewayProblems.MODEL_NOT_FOUND)
        .handledOnLoopBy(request -> forwardJson(operation, request));
  }

  private Route formRoute(Operation operation) {
    return route(operation)
        .acceptsStream(maxBodyBytes)
        .returnsBytes(200, GatewayProblems.MODEL_NOT_FOUND)
        .handledOnLoopBy(request -> forwardForm(operation, request));
  }

  private CompletableFuture<Response> forwardJson(Operation operation, Request<byte[]> request) {
    ModelRequest received = ModelRequest.parse(operation, request.body());
    if (received.model().isEmpty()) {
      throw new InvalidInputException("model", "is required: the name of a model of a provider");
    }
    return calls
        .resolve(received, request)
        .thenCompose(model -> {
          ResolvedModel forwarding = requireNative(operation, received.model(), model);
          return calls.forward(
              operation,
              forwarding,
              Optional.of(received),
              target -> body(received, target),
              OpenAiRoutes.ERRORS,
              request);
        });
  }

  private CompletableFuture<Response> forwardForm(
      Operation operation, Request<BodyStream> request) {
    String contentType = ModelCalls.contentType(request);
    ModelForm form = ModelForm.receive(request.body(), contentType, memory);
    return form.model()
        .thenCompose(name ->
            calls
                .resolve(name, request)
                .thenCompose(model -> {
                  ResolvedModel forwarding = requireNative(operation, name, model);
                  return calls.forward(
                      operation,
                      forwarding,
                      Optional.empty(),
                      target -> {
                        form.setModel(target.model());
                        return new UpstreamRequest.Body.Stream(form.length(), form);
                      },
                      OpenAiRoutes.ERRORS,
                      request);
                }))
        .whenComplete((_, _) -> form.close())
        .exceptionally(thrown -> {
          // The call ends because of the form, not the form because of the call.
          Throwable failure = form.failure();
          throw Completions.toRuntimeException(failure == null ? thrown : failure);
        });
  }

  /// The body of a request for a provider: only the name of the model changes.
  static UpstreamRequest.Body body(ModelRequest received, CallTarget target) {
    return new UpstreamRequest.Body.Bytes(received.withModel(target.model()).bytes());
  }

  /// The model with the providers that receive the request.
  ///
  /// @throws InvalidInputException if there is none with OpenAI's API
  private static ResolvedModel requireNative(
      Operation operation, String name, ResolvedModel model) {
    if (model.targets().stream().allMatch(it -> it.agent().isPresent())) {
      throw new InvalidInputException(
          "model",
          "must be a model of a provider for /%s, not an agent, was \"%s\""
              .formatted(operation.path(), Excerpt.of(name)));
    }
    return nativeModel(model)
        .orElseThrow(() ->
            new InvalidInputException(
                "model",
                "must be a model of a provider with OpenAI's API for /%s, such as one of kind openai, azure"
                        .formatted(operation.path())
                    + " or openai-compatible, was \"%s\" of kind %s"
                        .formatted(Excerpt.of(name), model.first().callable().kind().name())));
  }

  /// The model with the providers that receive its requests as they are; empty if all of them have
  /// another API, or if it is an agent.
  static Optional<ResolvedModel> nativeModel(ResolvedModel model) {
    return model.only(NativeRoutes::isForwarded);
  }

  private static boolean isForwarded(PlannedTarget planned) {
    CallableProvider provider = planned.target().callable();
    return planned.agent().isEmpty()
        && provider.dialect().vendor().equals(OpenAiErrors.VENDOR)
        && provider.transport().isEmpty();
  }
}
