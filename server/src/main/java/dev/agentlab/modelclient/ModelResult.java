package dev.agentlab.modelclient;

import java.util.List;
import java.util.Map;

/// The result of a model call: a complete response, a stream, or the response of a provider as it
/// is.
public sealed interface ModelResult permits ModelResponse, ModelStream, RawResponse {
  /// The target that responds, as it was planned.
  PlannedTarget planned();

  /// The target that responds.
  default CallTarget target() {
    return planned().target();
  }

  /// Parts of the request that the provider does not support, one sentence each.
  List<String> warnings();

  /// The number of attempts.
  int attempts();

  /// The header fields of the provider's response, by name in lower case, if the provider speaks
  /// the dialect of the client; otherwise empty.
  Map<String, String> headers();
}
