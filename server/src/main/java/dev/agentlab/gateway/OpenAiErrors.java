package dev.agentlab.gateway;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.errors.FieldError;
import dev.agentlab.http.Problem;
import dev.agentlab.http.ProblemType;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.ProviderError;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Errors in the format of OpenAI's API
/// (https://platform.openai.com/docs/guides/error-codes/api-errors): `{"error": {"message", "type",
/// "param", "code"}}`.
class OpenAiErrors extends ClientErrors {
  /// The vendor of the API.
  static final String VENDOR = "openai";

  private static final String INVALID_REQUEST = "invalid_request_error";

  /// @param param the member of the request that caused the error
  private record Labels(String type, Optional<String> param, Optional<String> code) {}

  @Override
  String vendor() {
    return VENDOR;
  }

  @Override
  byte[] body(Problem problem, String requestId) {
    return body(problem.detail(), labels(problem));
  }

  @Override
  byte[] body(ModelCallException failure, String requestId) {
    return body(message(failure), labels(failure));
  }

  private static Labels labels(Problem problem) {
    Optional<String> param =
        problem.errors().stream()
            .findFirst()
            .map(FieldError::field)
            .filter(field -> !field.equals("body"));
    ProblemType type = problem.type();
    if (type.equals(GatewayProblems.MODEL_NOT_FOUND)) {
      return new Labels(INVALID_REQUEST, Optional.of("model"), Optional.of("model_not_found"));
    }
    return type.equals(GatewayProblems.RESPONSE_NOT_FOUND)
        ? new Labels(INVALID_REQUEST, param, Optional.of("response_not_found"))
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

  private static Labels labels(ModelCallException failure) {
    int status = status(failure);
    Optional<String> param = failure.upstream().flatMap(ProviderError::param);
    if (isTooLong(failure)) {
      return new Labels(
          INVALID_REQUEST, Optional.of("messages"), Optional.of(ProviderError.TOO_LONG_CODE));
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

  /// Clients look for a member `error` with content.
  @Override
  boolean isRaisedByClients(String json) {
    try {
      JsonNode error = ProviderJson.MAPPER.readTree(json).path("error");
      return error.isObject() ? !error.isEmpty() : !error.stringValue("").isEmpty();
    } catch (JacksonException e) {
      return false;
    }
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
}
