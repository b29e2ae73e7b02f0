package dev.agentlab.dialects;

import java.time.Instant;

/// The form in which a client receives the response to a chat request.
public enum ResponseFormat {
  /// OpenAI's `chat.completion`, or a stream of `chat.completion.chunk`.
  CHAT_COMPLETION {
    @Override
    ClientResponseWriter responseWriter(String model, Instant at) {
      return new ChatCompletionsResponseWriter(model, at);
    }

    @Override
    ClientStreamWriter streamWriter(ExpectedStream expected, Instant at) {
      return new ChatCompletionsStreamWriter(expected, at);
    }
  },
  /// OpenAI's `text_completion`, or a stream of them.
  TEXT_COMPLETION {
    @Override
    ClientResponseWriter responseWriter(String model, Instant at) {
      return new CompletionsResponseWriter(model, at);
    }

    @Override
    ClientStreamWriter streamWriter(ExpectedStream expected, Instant at) {
      return new CompletionsStreamWriter(expected, at);
    }
  };

  /// Creates the writer of a complete response.
  ///
  /// @param model the model if the response does not name one
  /// @param at when the response arrived
  abstract ClientResponseWriter responseWriter(String model, Instant at);

  /// Creates the writer of a stream.
  ///
  /// @param at when the stream began
  abstract ClientStreamWriter streamWriter(ExpectedStream expected, Instant at);
}
