package dev.agentlab.gateway;

import dev.agentlab.dialects.Operation;
import dev.agentlab.http.ApiConventions;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.http.Route;
import dev.agentlab.http.RouteGroup;
import dev.agentlab.security.Scope;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Anthropic's API (https://platform.claude.com/docs/en/api/overview), for every registered
/// provider and agent. [ModelListRoutes] has its list of models.
final class AnthropicRoutes {
  static final ClientErrors ERRORS = new AnthropicErrors();

  private static final ApiConventions CONVENTIONS = new ApiConventions(ERRORS, true);

  /// The header field with the version of the API, which its clients send.
  static final String VERSION = "anthropic-version";

  private static final String PLAIN_TEXT = "text/plain; charset=utf-8";

  private final ModelCalls calls;
  private final int maxBodyBytes;

  /// @param maxBodyBytes maximum size of a request body
  AnthropicRoutes(ModelCalls calls, int maxBodyBytes) {
    this.calls = calls;
    this.maxBodyBytes = maxBodyBytes;
  }

  /// The routes below a prefix.
  RouteGroup group(String prefix) {
    return new RouteGroup(
        prefix,
        "Anthropic",
        "Anthropic's API.",
        CONVENTIONS,
        GatewayProblems::of,
        List.of(
            Route.post("/messages", "Send messages to a model")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .acceptsJsonBytes(maxBodyBytes)
                .returns(200, Object.class, GatewayProblems.MODEL_NOT_FOUND)
                .handledOnLoopBy(request ->
                    calls.call(ModelCalls.receive(Operation.MESSAGES, request), ERRORS, request)),
            Route.post("/messages/count_tokens", "Count the tokens of messages")
                .requires(Scope.INVOKE)
                .checkingTarget()
                .acceptsJsonBytes(maxBodyBytes)
                .returnsBytes(200, GatewayProblems.MODEL_NOT_FOUND)
                .handledOnLoopBy(this::countTokens)));
  }

  /// What Claude Code calls to see whether the service is there, beside `/`, which is the console.
  RouteGroup probes() {
    return new RouteGroup(
        "",
        "Probes of clients",
        "What clients of models call to see whether the service is there.",
        CONVENTIONS,
        GatewayProblems::of,
        List.of(
            Route.get("/api/hello", "See that the service is there")
                .requires(Scope.PUBLIC)
                .probe()
                .returnsText(200, PLAIN_TEXT)
                .handledBy(_ -> Response.text(200, PLAIN_TEXT, "agent-lab"))));
  }

  private CompletableFuture<Response> countTokens(Request<byte[]> request) {
    return calls.countTokens(
        ModelCalls.receive(Operation.COUNT_TOKENS, request), "input_tokens", ERRORS, request);
  }
}
