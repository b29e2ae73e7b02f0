package dev.agentlab.gateway;

import dev.agentlab.dialects.ModelRequest;
import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.http.ApiConventions;
import dev.agentlab.http.Param;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Google's Gemini API (https://ai.google.dev/api), for every registered provider and agent. The
/// model and its method are in the path: `/models/{model}:{method}`. [ModelListRoutes] has its list
/// of models.
final class GeminiRoutes {
  /// The version of the API that older clients call; others call `/v1`.
  static final String PREFIX = "/v1beta";

  static final ClientErrors ERRORS = new GeminiErrors();

  static final ApiConventions CONVENTIONS = new ApiConventions(ERRORS, true);

  /// The header fields by which Google's clients are told from others where they share a path.
  static final Set<String> HEADERS = Set.of("x-goog-api-key", "x-goog-api-client");

  private static final Param<String> CALL =
      Param.pathText(
          "call",
          "The name of the model, a colon and the method: generateContent, streamGenerateContent,"
              + " countTokens, embedContent or batchEmbedContents.");

  private static final Param<String> ALT =
      Param.queryText("alt", "The format of a stream: sse. Required by streamGenerateContent.");

  private final ModelCalls calls;
  private final int maxBodyBytes;

  /// @param maxBodyBytes maximum size of a request body
  GeminiRoutes(ModelCalls calls, int maxBodyBytes) {
    this.calls = calls;
    this.maxBodyBytes = maxBodyBytes;
  }

  /// The routes below a prefix.
  RouteGroup group(String prefix) {
    return new RouteGroup(
        prefix,
        "Gemini",
        "Google's Gemini API.",
        CONVENTIONS,
        GatewayProblems::of,
        List.of(
            Route.post("/models/{call*}", "Call a method of a model")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .parameters(CALL, ALT)
                .acceptsJsonBytes(maxBodyBytes)
                .returns(200, Object.class, GatewayProblems.MODEL_NOT_FOUND)
                .handledOnLoopBy(this::call)));
  }

  private CompletableFuture<Response> call(Request<byte[]> request) {
    String call = request.path(CALL);
    int colon = call.lastIndexOf(':');
    String method = call.substring(colon + 1);
    String model = colon < 0 ? "" : call.substring(0, colon);
    return switch (method) {
      case "generateContent" -> call(Operation.GENERATE_CONTENT, model, false, request);
      case "streamGenerateContent" -> {
        requireEvents(request);
        yield call(Operation.GENERATE_CONTENT, model, true, request);
      }
      case "embedContent" -> call(Operation.EMBED_CONTENT, model, false, request);
      case "batchEmbedContents" -> call(Operation.BATCH_EMBED_CONTENTS, model, false, request);
      case "countTokens" ->
          calls.countTokens(
              receive(Operation.COUNT_CONTENT_TOKENS, model, false, request),
              "totalTokens",
              ERRORS,
              request);
      default ->
          throw new InvalidInputException(
              "path",
              "must end with a model and :generateContent, :streamGenerateContent, :countTokens,"
                  + " :embedContent or :batchEmbedContents");
    };
  }

  /// Requires the format that all clients ask for; without it, Google sends one long array.
  private static void requireEvents(Request<?> request) {
    if (!request.optional(ALT).equals(Optional.of("sse"))) {
      throw new InvalidInputException("alt", "must be sse in the query of streamGenerateContent");
    }
  }

  private static ModelRequest receive(
      Operation operation, String model, boolean isStreaming, Request<byte[]> request) {
    if (model.isEmpty()) {
      throw new InvalidInputException("path", "must have the name of a model before the method");
    }
    return ModelRequest.parse(operation, model, isStreaming, request.body())
        .withVendorHeaders(request.headers(VendorHeaders::passesToProvider));
  }

  private CompletableFuture<Response> call(
      Operation operation, String model, boolean isStreaming, Request<byte[]> request) {
    return calls.call(receive(operation, model, isStreaming, request), ERRORS, request);
  }
}
