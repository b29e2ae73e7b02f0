package dev.agentlab.gateway;

import dev.agentlab.http.Request;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.ModelResult;
import dev.agentlab.modelclient.routes.ResultHeaders;
import java.util.HashMap;
import java.util.Map;

/// The header fields of the gateway's responses: those of the vendor if the provider speaks the
/// dialect of the client, and `Agent-Lab-…`.
final class GatewayHeaders {
  static final String REQUEST_ID = "Agent-Lab-Request-Id";

  private GatewayHeaders() {}

  /// The header fields of every response to a request.
  static Map<String, String> of(Request<?> request) {
    return Map.of(REQUEST_ID, request.id());
  }

  /// The header fields of the response to a model call.
  static Map<String, String> of(
      Request<?> request, ClientErrors errors, ResolvedModel model, ModelResult result) {
    Map<String, String> headers = VendorHeaders.toClient(result.headers());
    errors.requestIdHeaders(request.id()).forEach(headers::putIfAbsent);
    ResultHeaders.addTo(headers, result);
    putAll(request, model, headers);
    return headers;
  }

  /// The header fields of the response to a failed model call.
  static Map<String, String> of(
      Request<?> request, ResolvedModel model, ModelCallException failure) {
    Map<String, String> headers = new HashMap<>();
    ResultHeaders.addTo(headers, model.target(), failure.attempts());
    putAll(request, model, headers);
    return headers;
  }

  private static void putAll(Request<?> request, ResolvedModel model, Map<String, String> headers) {
    headers.put(REQUEST_ID, request.id());
    if (model instanceof ResolvedModel.OfAgent(var agent)) {
      headers.put("Agent-Lab-Agent", ResultHeaders.encode(agent.agent().name()));
      headers.put("Agent-Lab-Revision", Long.toString(agent.agent().revision()));
    }
  }
}
