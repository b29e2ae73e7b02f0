package dev.agentlab.modelclient;

import dev.agentlab.dialects.ProviderJson;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/// The server-sent event that tells the caller of a stream that its answer will not become whole:
/// an event named `error` whose data is OpenAI's error object, with what the provider said for
/// programs in `upstream`.
public final class ErrorEvent {
  private ErrorEvent() {}

  static byte[] of(CallFailure failure) {
    ObjectNode data = ProviderJson.MAPPER.createObjectNode();
    ObjectNode error = data.putObject("error");
    error
        .put("message", failure.message())
        .put("type", "upstream_error")
        .put("code", failure.kind().code());
    failure
        .upstream()
        .ifPresent(said -> {
          ObjectNode upstream = error.putObject("upstream").put("status", said.status());
          said.type().ifPresent(type -> upstream.put("type", type));
          said.code().ifPresent(code -> upstream.put("code", code));
          said.param().ifPresent(param -> upstream.put("param", param));
        });
    return bytes(data);
  }

  /// For a stream that is ended because its caller's credential is no longer valid.
  ///
  /// @param message for the caller
  public static byte[] unauthenticated(String message) {
    ObjectNode data = ProviderJson.MAPPER.createObjectNode();
    data.putObject("error")
        .put("message", message)
        .put("type", "authentication_error")
        .put("code", "unauthenticated");
    return bytes(data);
  }

  private static byte[] bytes(ObjectNode data) {
    return ("event: error\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
  }
}
