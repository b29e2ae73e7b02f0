package dev.agentlab.gateway;

import dev.agentlab.dialects.StreamPosition;
import dev.agentlab.eventloop.Completions;
import dev.agentlab.http.ErrorFormat;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.ProviderError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Errors in the format of the API that a client speaks, and what else the service itself adds to a
/// response. Errors of a provider with the same API pass as they are.
abstract class ClientErrors implements ErrorFormat {
  private static final String JSON = "application/json";

  /// Clients ignore a longer delay, and would retry at once.
  private static final Duration MAX_CLIENT_DELAY = Duration.ofSeconds(60);

  /// The vendor of the API, such as `openai`.
  abstract String vendor();

  /// The header fields of every response, by which clients find the id of their request.
  Map<String, String> requestIdHeaders(String requestId) {
    return Map.of();
  }

  /// What an idle stream sends.
  String keepAlive() {
    return Response.Content.Events.COMMENT;
  }

  abstract byte[] body(Problem problem, String requestId);

  abstract byte[] body(ModelCallException failure, String requestId);

  /// Whether clients raise an event with this error of a provider.
  abstract boolean isRaisedByClients(String json);

  @Override
  public final EncodedError encode(Problem problem, String path, String requestId) {
    Map<String, String> headers = new HashMap<>(retryHeaders(problem.retryAfter()));
    // The server sets it for every problem.
    headers.remove("retry-after");
    headers.put(GatewayHeaders.REQUEST_ID, requestId);
    headers.putAll(requestIdHeaders(requestId));
    return new EncodedError(JSON, headers, body(problem, requestId));
  }

  /// The response to a call, also if it failed. If it was cancelled it still fails: the server
  /// knows why.
  ///
  /// @param isStreaming whether the client asked for a stream
  final CompletableFuture<Response> withErrors(
      CompletableFuture<Response> call,
      Request<?> request,
      ResolvedModel model,
      boolean isStreaming) {
    return call.exceptionally(thrown -> {
      if (Completions.cause(thrown) instanceof ModelCallException failure
          && failure.kind() != ModelCallException.Kind.CANCELLED) {
        return response(failure, request.id(), isStreaming)
            .withHeaders(GatewayHeaders.of(request, model, failure));
      }
      throw Completions.toRuntimeException(thrown);
    });
  }

  private Response response(ModelCallException failure, String requestId, boolean isStreaming) {
    Optional<ProviderError.Original> original =
        original(failure)
            .filter(_ -> failure.upstream().filter(it -> isError(it.status())).isPresent())
            .filter(it -> it.headers().getOrDefault("content-type", "").contains("json"));
    if (original.isPresent()) {
      Map<String, String> headers = original.get().headers();
      return Response.bytes(
              status(failure), headers.getOrDefault("content-type", JSON), original.get().body())
          .withHeaders(VendorHeaders.toClient(headers));
    }
    return (isStreaming ? failedStream(failure, requestId) : Optional.<Response>empty())
        .orElseGet(() -> Response.bytes(status(failure), JSON, body(failure, requestId)))
        .withHeaders(retryHeaders(failure))
        .withHeaders(requestIdHeaders(requestId));
  }

  /// The stream of a call that failed before its first content, if the vendor of the API reports
  /// the failure there.
  Optional<Response> failedStream(ModelCallException failure, String requestId) {
    return Optional.empty();
  }

  private Optional<ProviderError.Original> original(ModelCallException failure) {
    return failure
        .upstream()
        .flatMap(ProviderError::original)
        .filter(it -> it.vendor().equals(vendor()));
  }

  /// The event that ends an incomplete stream.
  ///
  /// @param position how far the stream has come
  byte[] event(ModelCallException failure, String requestId, StreamPosition position) {
    return event(
        originalEvent(failure)
            .orElseGet(() -> new String(body(failure, requestId), StandardCharsets.UTF_8)));
  }

  /// The data of the event with which a provider with the same API ended its stream, if clients
  /// raise it.
  final Optional<String> originalEvent(ModelCallException failure) {
    return original(failure)
        .map(it -> new String(it.body(), StandardCharsets.UTF_8))
        .filter(this::isRaisedByClients);
  }

  /// The event that ends a stream whose credential is no longer valid.
  ///
  /// @param detail for the caller
  final byte[] unauthenticatedEvent(String detail, String requestId) {
    Problem problem = Problem.of(ProblemType.UNAUTHENTICATED, detail);
    return event(new String(body(problem, requestId), StandardCharsets.UTF_8));
  }

  /// The event with an error: some clients raise an event for its name, others for its data.
  byte[] event(String json) {
    return ("event: error\ndata: " + json.replace("\n", "\ndata: ") + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isError(int status) {
    return status >= 400 && status <= 599;
  }

  /// The status that an error of a provider has, or would have if it were not in a response with
  /// status 200.
  private static Optional<Integer> status(ProviderError error) {
    if (isError(error.status())) {
      return Optional.of(error.status());
    }
    return error
        .code()
        .filter(code -> code.length() == 3 && code.chars().allMatch(c -> c >= '0' && c <= '9'))
        .map(Integer::valueOf)
        .filter(ClientErrors::isError)
        .or(() -> error.type().flatMap(ClientErrors::status))
        .or(() -> error.code().flatMap(ClientErrors::status));
  }

  /// The status for the type or the code of an error; empty if it has none.
  private static Optional<Integer> status(String label) {
    return switch (label) {
      case ProviderError.TOO_LONG_CODE, "invalid_prompt" -> Optional.of(400);
      case "insufficient_quota" -> Optional.of(429);
      case "server_is_overloaded", "slow_down" -> Optional.of(503);
      default ->
          label.startsWith("invalid_request")
              ? Optional.of(400)
              : label.startsWith("rate_limit")
                  ? Optional.of(429)
                  : label.startsWith("overloaded") ? Optional.of(503) : Optional.empty();
    };
  }

  /// The status of the response to a failed call.
  static int status(ModelCallException failure) {
    return failure
        .upstream()
        .flatMap(ClientErrors::status)
        .orElseGet(() ->
            switch (failure.kind()) {
              case TIMED_OUT -> 504;
              case SUSPENDED, NO_TARGET, OVERLOADED -> 503;
              default -> 502;
            });
  }

  /// The message for the client.
  static String message(ModelCallException failure) {
    String message =
        failure
            .upstream()
            .flatMap(ProviderError::message)
            .orElseGet(() -> String.valueOf(failure.getMessage()));
    // Some clients read the delay from the message.
    return status(failure) == 429 && failure.retryAfter().isPresent()
        ? "%s Please try again in %ss."
            .formatted(message, failure.retryAfter().get().toMillis() / 1000.0)
        : message;
  }

  /// Whether the provider refused a conversation because it is too long.
  static boolean isTooLong(ModelCallException failure) {
    int status = status(failure);
    if (status != 400 && status != 413) {
      return false;
    }
    return failure.upstream().filter(ProviderError::rejectsLength).isPresent();
  }

  private static Map<String, String> retryHeaders(ModelCallException failure) {
    Map<String, String> headers = new HashMap<>(retryHeaders(failure.retryAfter()));
    boolean hasErrorStatus = failure.upstream().filter(it -> isError(it.status())).isPresent();
    if (!hasErrorStatus && !failure.isTransient()) {
      headers.put("x-should-retry", "false");
    }
    failure
        .upstream()
        .flatMap(ProviderError::shouldRetry)
        .ifPresent(it -> headers.put("x-should-retry", it.toString()));
    return headers;
  }

  /// The advice that the clients of OpenAI and Anthropic obey: seconds rounded up, the exact
  /// milliseconds, and whether to retry at all.
  private static Map<String, String> retryHeaders(Optional<Duration> delay) {
    return delay
        .map(it ->
            Map.of(
                "retry-after", Long.toString(Math.max(1, (it.toMillis() + 999) / 1000)),
                "retry-after-ms", Long.toString(it.toMillis()),
                "x-should-retry", Boolean.toString(it.compareTo(MAX_CLIENT_DELAY) <= 0)))
        .orElse(Map.of());
  }
}
