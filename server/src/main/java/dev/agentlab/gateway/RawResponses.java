package dev.agentlab.gateway;

import dev.agentlab.http.Response;
import dev.agentlab.modelclient.RawResponse;
import java.util.HashMap;
import java.util.Map;

/// Turns the responses of providers to forwarded requests into those of the gateway.
final class RawResponses {
  private RawResponses() {}

  static Response of(RawResponse raw, Map<String, String> headers) {
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
