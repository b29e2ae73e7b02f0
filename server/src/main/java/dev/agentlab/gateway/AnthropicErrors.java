package dev.agentlab.gateway;

import dev.agentlab.dialects.ProviderJson;
import dev.agentlab.http.Problem;
import dev.agentlab.modelclient.ModelCallException;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// Errors in the format of Anthropic's API (https://platform.claude.com/docs/en/api/errors):
/// `{"type": "error", "error": {"type", "message"}, "request_id"}`.
final class AnthropicErrors extends ClientErrors {
  /// The vendor of the API.
  static final String VENDOR = "anthropic";

  /// By this text in the message, Claude Code recognizes a conversation that is too long.
  private static final String PROMPT_TOO_LONG = "prompt is too long";

  /// The status of an overloaded provider in this API.
  private static final int OVERLOADED = 529;

  @Override
  String vendor() {
    return VENDOR;
  }

  @Override
  Map<String, String> requestIdHeaders(String requestId) {
    return Map.of("request-id", requestId);
  }

  /// Claude Code takes a stream for stalled that has no event for long.
  @Override
  String keepAlive() {
    return "event: ping\ndata: {\"type\": \"ping\"}\n\n";
  }

  @Override
  byte[] body(Problem problem, String requestId) {
    return body(type(problem.type().status()), problem.detail(), requestId);
  }

  @Override
  byte[] body(ModelCallException failure, String requestId) {
    String message = message(failure);
    boolean lacksText =
        isTooLong(failure) && !message.toLowerCase(Locale.ROOT).contains(PROMPT_TOO_LONG);
    return body(
        type(status(failure)), lacksText ? PROMPT_TOO_LONG + ": " + message : message, requestId);
  }

  private static byte[] body(String type, String message, String requestId) {
    ObjectNode json = ProviderJson.MAPPER.createObjectNode().put("type", "error");
    json.putObject("error").put("type", type).put("message", message);
    return ProviderJson.MAPPER.writeValueAsBytes(json.put("request_id", requestId));
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 402 -> "billing_error";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 413 -> "request_too_large";
      case 429 -> "rate_limit_error";
      case 503, OVERLOADED -> "overloaded_error";
      case 504 -> "timeout_error";
      default -> status >= 500 ? "api_error" : "invalid_request_error";
    };
  }

  /// Clients look at the name of the event.
  @Override
  boolean isRaisedByClients(String json) {
    return true;
  }
}
