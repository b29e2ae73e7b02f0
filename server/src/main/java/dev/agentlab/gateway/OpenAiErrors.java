package dev.agentlab.gateway;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.errors.FieldError;
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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Errors in the format of OpenAI's API
/// (https://platform.openai.com/docs/guides/error-codes/api-errors): `{"error": {"message", "type",
/// "param", "code"}}`.
final class OpenAiErrors implements ErrorFormat {
  /// The vendor of the providers whose errors pass as they are.
  static final String VENDOR = "openai";

  private static final String JSON = "application/json";
  private static final String INVALID_REQUEST = "invalid_request_error";

  /// Clients ignore a longer delay, and would retry at once.
  private static final Duration MAX_CLIENT_DELAY = Duration.ofSeconds(60);

  /// Parts of the messages with which other vendors reject a conversation that is too long.
  private static final List<String> TOO_LONG =
      List.of("prompt is too long", "input is too long", "exceeds the maximum number of tokens");

  /// @param param the member of the request that caused the error
  private record Labels(String type, Optional<String> param, Optional<String> code) {}

  @Override
  public EncodedError encode(Problem problem, String path, String requestId) {
    Map<String, String> headers = new HashMap<>(retryHeaders(problem.retryAfter()));
    // The server sets it for every problem.
    headers.remove("retry-after");
    headers.put(GatewayHeaders.REQUEST_ID, requestId);
    return new EncodedError(JSON, headers, body(problem.detail(), labels(problem)));
  }

  private static Labels labels(Problem problem) {
    Optional<String> param =
        problem.errors().stream()
            .findFirst()
            .map(FieldError::field)
            .filter(field -> !field.equals("body"));
    ProblemType type = problem.type();
    return type.equals(OpenAiRoutes.MODEL_NOT_FOUND)
        ? new Labels(INVALID_REQUEST, Optional.of("model"), Optional.of("model_not_found"))
        : new Labels(type(type.status()), param, code(type));
  }

  private static Optional<String> code(ProblemType type) {
    return switch (type.status()) {
      case 400 -> Optional.empty();
      case 401 -> Optional.of("invalid_api_key");
      case 403 -> Optional.of("insufficient_permissions");
      case 404 -> Optional.of("unknown_url");
      case 405 -> Optional.of("method_not_supported");
      case 413 -> Optional.of("request_too_large");
      case 415 -> Optional.of("unsupported_content_type");
      case 429 -> Optional.of("rate_limit_exceeded");
      default -> Optional.of(type.slug().replace('-', '_'));
    };
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 429 -> "rate_limit_error";
      default -> status >= 500 ? "server_error" : INVALID_REQUEST;
    };
  }

  /// The response to a call, also if it failed. If it was cancelled it still fails: the server
  /// knows why.
  static CompletableFuture<Response> withErrors(
      CompletableFuture<Response> call, Request<?> request, ResolvedModel model) {
    return call.exceptionally(thrown -> {
      if (Completions.cause(thrown) instanceof ModelCallException failure
          && failure.kind() != ModelCallException.Kind.CANCELLED) {
        return response(failure).withHeaders(GatewayHeaders.of(request, model, failure));
      }
      throw Completions.toRuntimeException(thrown);
    });
  }

  /// The response to a failed call. The error of a provider that speaks OpenAI's dialect passes as
  /// it is.
  private static Response response(ModelCallException failure) {
    Optional<ProviderError.Original> original = original(failure);
    if (original.isPresent()) {
      Map<String, String> headers = original.get().headers();
      return Response.bytes(
              status(failure), headers.getOrDefault("content-type", JSON), original.get().body())
          .withHeaders(VendorHeaders.toClient(headers));
    }
    return Response.bytes(status(failure), JSON, body(message(failure), labels(failure)))
        .withHeaders(retryHeaders(failure));
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

  /// The error of a response with its status.
  private static Optional<ProviderError.Original> original(ModelCallException failure) {
    return failure
        .upstream()
        .filter(it -> isError(it.status()))
        .flatMap(ProviderError::original)
        .filter(it -> it.vendor().equals(VENDOR))
        .filter(it -> it.headers().getOrDefault("content-type", "").contains("json"));
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
    String type = error.type().orElse("");
    return error
        .code()
        .filter(code -> code.length() == 3 && code.chars().allMatch(c -> c >= '0' && c <= '9'))
        .map(Integer::valueOf)
        .filter(OpenAiErrors::isError)
        .or(() ->
            type.startsWith("invalid_request")
                ? Optional.of(400)
                : type.startsWith("rate_limit")
                    ? Optional.of(429)
                    : type.startsWith("overloaded") ? Optional.of(503) : Optional.empty());
  }

  private static int status(ModelCallException failure) {
    return failure
        .upstream()
        .flatMap(OpenAiErrors::status)
        .orElseGet(() ->
            switch (failure.kind()) {
              case TIMED_OUT -> 504;
              case SUSPENDED, OVERLOADED -> 503;
              default -> 502;
            });
  }

  private static String message(ModelCallException failure) {
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

  private static Labels labels(ModelCallException failure) {
    int status = status(failure);
    Optional<String> param = failure.upstream().flatMap(ProviderError::param);
    String message = message(failure).toLowerCase(Locale.ROOT);
    if ((status == 400 || status == 413) && TOO_LONG.stream().anyMatch(message::contains)) {
      return new Labels(
          INVALID_REQUEST, Optional.of("messages"), Optional.of("context_length_exceeded"));
    }
    Optional<String> code =
        switch (status) {
          case 401 -> Optional.of("invalid_api_key");
          case 404 -> Optional.of("model_not_found");
          case 413 -> Optional.of("request_too_large");
          case 429 -> Optional.of("rate_limit_exceeded");
          case 503, 529 -> Optional.of("overloaded");
          default ->
              failure
                  .upstream()
                  .flatMap(ProviderError::code)
                  // Google repeats the status.
                  .filter(it -> !it.equals(Integer.toString(status)))
                  .or(() -> Optional.of(failure.kind().code()));
        };
    return new Labels(type(status), param, code);
  }

  /// Whether clients raise an event with this data: they look for a member `error` with content.
  private static boolean isRaisedByClients(String data) {
    try {
      JsonNode error = ProviderJson.MAPPER.readTree(data).path("error");
      return error.isObject() ? !error.isEmpty() : !error.stringValue("").isEmpty();
    } catch (JacksonException e) {
      return false;
    }
  }

  /// The event that ends an incomplete stream.
  static byte[] event(ModelCallException failure) {
    return failure
        .upstream()
        .flatMap(ProviderError::original)
        .filter(it -> it.vendor().equals(VENDOR))
        .map(it -> new String(it.body(), StandardCharsets.UTF_8))
        .filter(OpenAiErrors::isRaisedByClients)
        .map(OpenAiErrors::event)
        .orElseGet(() ->
            event(new String(body(message(failure), labels(failure)), StandardCharsets.UTF_8)));
  }

  /// The event that ends a stream whose credential is no longer valid.
  ///
  /// @param detail for the caller
  static byte[] unauthenticatedEvent(String detail) {
    return event(
        new String(
            body(detail, new Labels(type(401), Optional.empty(), Optional.of("invalid_api_key"))),
            StandardCharsets.UTF_8));
  }

  /// LangChain4j raises an event for its name, the other clients for its data.
  private static byte[] event(String json) {
    return ("event: error\ndata: " + json.replace("\n", "\ndata: ") + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] body(String message, Labels labels) {
    ObjectNode json = ProviderJson.MAPPER.createObjectNode();
    json.putObject("error")
        .put("message", message)
        .put("type", labels.type())
        .put("param", labels.param().orElse(null))
        .put("code", labels.code().orElse(null));
    return ProviderJson.MAPPER.writeValueAsBytes(json);
  }

  /// The advice that OpenAI's clients obey: seconds rounded up, the exact milliseconds, and whether
  /// to retry at all.
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
