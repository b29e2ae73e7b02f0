package dev.agentlab.modelclient;

import java.util.List;

/// The result of a model call: a complete response or a stream.
public sealed interface ModelResult permits ModelResponse, ModelStream {
  /// The target that responds.
  CallTarget target();

  /// Parts of the request that the provider does not support, one sentence each.
  List<String> warnings();

  /// The number of attempts.
  int attempts();
}
