package dev.agentlab.gateway;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.http.Problem;
import dev.agentlab.modelclient.ModelCallException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Errors in the format of Google's APIs (https://cloud.google.com/apis/design/errors): `{"error":
/// {"code", "message", "status", "details"}}`.
final class GeminiErrors extends ClientErrors {
  /// The vendor of the API.
  static final String VENDOR = "google";

  private static final String RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";

  @Override
  String vendor() {
    return VENDOR;
  }

  /// Empty lines: Google's client for Python takes a comment for a part of the answer.
  @Override
  String keepAlive() {
    return "\r\n\r\n";
  }

  @Override
  byte[] body(Problem problem, String requestId) {
    return body(problem.type().status(), problem.detail(), problem.retryAfter());
  }

  @Override
  byte[] body(ModelCallException failure, String requestId) {
    return body(status(failure), message(failure), failure.retryAfter());
  }

  private static byte[] body(int status, String message, Optional<Duration> retryAfter) {
    ObjectNode json = ProviderJson.MAPPER.createObjectNode();
    ObjectNode error =
        json.putObject("error")
            .put("code", status)
            .put("message", message)
            .put("status", name(status));
    retryAfter.ifPresent(delay ->
        error
            .putArray("details")
            .addObject()
            .put("@type", RETRY_INFO)
            .put("retryDelay", "%.3fs".formatted(delay.toMillis() / 1000.0)));
    return ProviderJson.MAPPER.writeValueAsBytes(json);
  }

  /// The name of a status (https://cloud.google.com/apis/design/errors#handling_errors).
  private static String name(int status) {
    return switch (status) {
      case 401 -> "UNAUTHENTICATED";
      case 402, 429 -> "RESOURCE_EXHAUSTED";
      case 403 -> "PERMISSION_DENIED";
      case 404 -> "NOT_FOUND";
      case 409 -> "ABORTED";
      case 501 -> "UNIMPLEMENTED";
      case 503, 529 -> "UNAVAILABLE";
      case 504 -> "DEADLINE_EXCEEDED";
      default -> status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
    };
  }

  /// Clients look for an error with the status of one.
  @Override
  boolean isRaisedByClients(String json) {
    try {
      JsonNode error = ProviderJson.MAPPER.readTree(json).path("error");
      int code = error.path("code").intValue(0);
      return code >= 400 && code < 600;
    } catch (JacksonException e) {
      return false;
    }
  }

  /// Clients read only events that begin with their data.
  @Override
  byte[] event(String json) {
    return ("data: " + json.replace("\n", "\r\ndata: ") + "\r\n\r\n")
        .getBytes(StandardCharsets.UTF_8);
  }
}
