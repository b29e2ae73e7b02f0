package dev.agentlab.modelclient;

import dev.agentlab.dialects.ProviderJson;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/// The server-sent event that ends an incomplete stream: an event named `error` whose data is the
/// error object of OpenAI. Its `upstream` member contains the machine-readable error of the
/// provider.
public final class ErrorEvent {
  private ErrorEvent() {}

  /// The event for a failed call.
  public static byte[] of(ModelCallException failure) {
    ObjectNode data = ProviderJson.MAPPER.createObjectNode();
    ObjectNode error = data.putObject("error");
    error
        .put("message", failure.getMessage())
        .put("type", "upstream_error")
        .put("code", failure.kind().code());
    failure
        .upstream()
        .ifPresent(it -> {
          ObjectNode upstream = error.putObject("upstream").put("status", it.status());
          it.type().ifPresent(type -> upstream.put("type", type));
          it.code().ifPresent(code -> upstream.put("code", code));
          it.param().ifPresent(param -> upstream.put("param", param));
        });
    return encode(data);
  }

  /// The event for a stream that is ended because the credential of its caller is no longer valid.
  ///
  /// @param message for the caller
  public static byte[] unauthenticated(String message) {
    ObjectNode data = ProviderJson.MAPPER.createObjectNode();
    data.putObject("error")
        .put("message", message)
        .put("type", "authentication_error")
        .put("code", "unauthenticated");
    return encode(data);
  }

  private static byte[] encode(ObjectNode data) {
    return ("event: error\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
  }
}
