package dev.agentlab.gateway;

import dev.agentlab.http.Request;
import dev.agentlab.http.Response;
import dev.agentlab.modelclient.RawResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Turns the responses of providers to forwarded requests into those of the gateway.
final class RawResponses {
  private RawResponses() {}

  /// @param call fails with a [dev.agentlab.modelclient.ModelCallException] if there is no response
  static CompletableFuture<Response> of(
      CompletableFuture<RawResponse> call, Request<?> request, ResolvedModel model) {
    return OpenAiErrors.withErrors(
        call.thenApply(raw -> toResponse(raw, GatewayHeaders.of(request, model, raw))),
        request,
        model);
  }

  private static Response toResponse(RawResponse raw, Map<String, String> headers) {
    String mediaType = raw.headers().getOrDefault("content-type", "");
    Map<String, String> all = new HashMap<>(headers);
    // The bytes pass as they are encoded.
    if (raw.headers().containsKey("content-encoding")) {
      all.put("content-encoding", raw.headers().get("content-encoding"));
    }
    return new Response(
        raw.status(),
        all,
        switch (raw.content()) {
          case RawResponse.Content.Complete(byte[] bytes) ->
              new Response.Content.Bytes(mediaType, bytes);
          case RawResponse.Content.Stream(var length, var parts) ->
              new Response.Content.Stream(mediaType, length, parts);
        });
  }
}
