package dev.agentlab.modelclient;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;

/// The streaming response of a model.
///
/// @param events server-sent events whose data is a `chat.completion.chunk` of OpenAI. The last
///   event is `[DONE]`, or an `error` event if the response is incomplete. Each part ends at the
///   end of an event. Accepts one subscriber; cancelling the subscription ends the call.
/// @param planned the target that responds
/// @param warnings parts of the request that the provider does not support, one sentence each
/// @param attempts the number of attempts
/// @param headers as for [ModelResult#headers]
public record ModelStream(
    Flow.Publisher<byte[]> events,
    PlannedTarget planned,
    List<String> warnings,
    int attempts,
    Map<String, String> headers)
    implements ModelResult {
  public ModelStream {
    warnings = List.copyOf(warnings);
  }
}
