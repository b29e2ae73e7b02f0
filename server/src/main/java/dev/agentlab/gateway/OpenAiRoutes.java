package dev.agentlab.gateway;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.ApiConventions;
import dev.agentlab.http.ErrorFormat;
import dev.agentlab.http.Problem;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/// OpenAI's API (https://platform.openai.com/docs/api-reference), for every registered provider and
/// agent. The base URL of a client may end in `/v1` or not.
final class OpenAiRoutes {
  static final ClientErrors ERRORS = new OpenAiErrors();

  /// Also for paths that clients of other vendors call.
  static final ApiConventions CONVENTIONS = new ApiConventions(new SharedErrors(), true);

  /// Errors in the format of the client, as far as its request tells.
  private static final class SharedErrors implements ErrorFormat {
    @Override
    public ErrorFormat forRequest(Predicate<String> hasHeader) {
      return errors(hasHeader);
    }

    @Override
    public EncodedError encode(Problem problem, String path, String requestId) {
      return ERRORS.encode(problem, path, requestId);
    }
  }

  /// The errors for a client that calls a path which several vendors have.
  ///
  /// @param hasHeader whether the request has a header field
  static ClientErrors errors(Predicate<String> hasHeader) {
    if (hasHeader.test(AnthropicRoutes.VERSION)) {
      return AnthropicRoutes.ERRORS;
    }
    return GeminiRoutes.HEADERS.stream().anyMatch(hasHeader) ? GeminiRoutes.ERRORS : ERRORS;
  }

  private final ModelCalls calls;
  private final int maxBodyBytes;

  /// @param maxBodyBytes maximum size of a request body
  OpenAiRoutes(ModelCalls calls, int maxBodyBytes) {
    this.calls = calls;
    this.maxBodyBytes = maxBodyBytes;
  }

  /// The routes below a prefix.
  RouteGroup group(String prefix) {
    return new RouteGroup(
        prefix,
        "OpenAI",
        "OpenAI's API.",
        CONVENTIONS,
        GatewayProblems::of,
        List.of(
            modelCall("/chat/completions", Operation.CHAT),
            modelCall("/embeddings", Operation.EMBEDDINGS),
            Route.post("/completions", "Continue a text")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .acceptsJsonBytes(maxBodyBytes)
                .returnsBytes(200, GatewayProblems.MODEL_NOT_FOUND)
                .handledOnLoopBy(this::complete)));
  }

  private Route modelCall(String path, Operation operation) {
    return Route.post(path, "Call a model")
        .requires(Scope.INVOKE)
        .checkingTarget()
        .acceptsJsonBytes(maxBodyBytes)
        .returns(200, Object.class, GatewayProblems.MODEL_NOT_FOUND)
        .handledOnLoopBy(request -> call(operation, request));
  }

  private CompletableFuture<Response> call(Operation operation, Request<byte[]> request) {
    ModelRequest received = ModelCalls.receive(operation, request);
    return calls.call(isResponse(received) ? chatWithInput(received) : received, ERRORS, request);
  }

  /// Whether a client sent a chat in the form of the Responses API, as Cursor does.
  private static boolean isResponse(ModelRequest received) {
    return received.operation() == Operation.CHAT
        && received.has("input")
        && !received.has("messages");
  }

  private static ModelRequest chatWithInput(ModelRequest received) {
    if (!received.member("previous_response_id").stringValue("").isEmpty()) {
      throw new InvalidInputException(
          "previous_response_id", "must be absent: only /v1/responses continues a response");
    }
    return received.withOperation(Operation.CHAT_WITH_INPUT);
  }

  /// Continues a text: a request to a provider that has completions is forwarded, and one to
  /// another or to an agent becomes a chat.
  private CompletableFuture<Response> complete(Request<byte[]> request) {
    ModelRequest received = ModelCalls.receive(Operation.COMPLETIONS, request);
    return calls
        .resolve(received, request)
        .thenCompose(model ->
            NativeRoutes.nativeModel(model)
                .map(forwarding ->
                    calls.forward(
                        Operation.COMPLETIONS,
                        forwarding,
                        Optional.of(received),
                        target -> NativeRoutes.body(received, target),
                        ERRORS,
                        request))
                .orElseGet(() -> calls.call(model, received.toChat(), ERRORS, request)));
  }
}
