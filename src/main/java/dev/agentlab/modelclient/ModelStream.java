package dev.agentlab.modelclient;

import java.util.List;
import java.util.concurrent.Flow;

/// A model's answer as it comes.
///
/// @param events server-sent events whose data is OpenAI's `chat.completion.chunk`, the last one
///   `[DONE]`; or, when the answer is not whole, an `error` event in its place. Each part ends
///   where an event ends. Takes one subscriber; cancelling ends the call.
/// @param warnings what of the request the provider could not do, each a sentence
/// @param attempts how often the provider was called
public record ModelStream(Flow.Publisher<byte[]> events, List<String> warnings, int attempts) {
  public ModelStream {
    warnings = List.copyOf(warnings);
  }
}
