package dev.agentlab.gateway;

import dev.agentlab.http.Request;
import dev.agentlab.modelclient.ModelCallException;
import dev.agentlab.modelclient.ModelResult;
import dev.agentlab.modelclient.PlannedTarget;
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
    ResultHeaders.addTo(headers, model.plan(), result);
    putAgent(headers, result.planned());
    headers.put(REQUEST_ID, request.id());
    return headers;
  }

  /// The header fields of the response to a failed model call.
  static Map<String, String> of(
      Request<?> request, ResolvedModel model, ModelCallException failure) {
    Map<String, String> headers = new HashMap<>();
    if (model.plan().route().isEmpty()) {
      ResultHeaders.addTo(headers, model.first(), failure.attempts());
    } else {
      ResultHeaders.addAttemptsTo(headers, failure.attempts());
    }
    if (model.targets().stream().map(PlannedTarget::agent).distinct().count() == 1) {
      putAgent(headers, model.plan().first());
    }
    ResultHeaders.addRouteTo(headers, model.plan());
    headers.put(REQUEST_ID, request.id());
    return headers;
  }

  private static void putAgent(Map<String, String> headers, PlannedTarget planned) {
    planned
        .agent()
        .ifPresent(agent -> {
          headers.put("Agent-Lab-Agent", ResultHeaders.encode(agent.name()));
          headers.put("Agent-Lab-Revision", Long.toString(agent.revision()));
        });
  }
}
