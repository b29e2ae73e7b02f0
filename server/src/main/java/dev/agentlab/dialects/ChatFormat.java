package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.errors.InvalidInputException;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/// The format in which a client writes its chat requests and reads the responses.
enum ChatFormat {
  /// OpenAI's `chat.completion`, or a stream of `chat.completion.chunk`.
  CHAT_COMPLETION {
    @Override
    ChatRequest read(ObjectNode body) {
      return ChatCompletionsRequestReader.read(body);
    }

    @Override
    ClientResponseWriter responseWriter(String model, Instant at) {
      return new ChatCompletionsResponseWriter(model, at);
    }

    @Override
    ClientStreamWriter streamWriter(ExpectedStream expected, Instant at) {
      return new ChatCompletionsStreamWriter(expected, at);
    }
  },
  /// OpenAI's `text_completion`, or a stream of them. The request has the form of a chat
  /// ([ModelRequest#toChat]).
  TEXT_COMPLETION {
    @Override
    ChatRequest read(ObjectNode body) {
      return ChatCompletionsRequestReader.read(body);
    }

    @Override
    ClientResponseWriter responseWriter(String model, Instant at) {
      return new CompletionsResponseWriter(model, at);
    }

    @Override
    ClientStreamWriter streamWriter(ExpectedStream expected, Instant at) {
      return new CompletionsStreamWriter(expected, at);
    }
  },
  /// Anthropic's `message`, or its stream.
  MESSAGE {
    @Override
    ChatRequest read(ObjectNode body) {
      return AnthropicRequestReader.read(body);
    }

    @Override
    ClientResponseWriter responseWriter(String model, Instant at) {
      return new AnthropicResponseWriter(model, at);
    }

    @Override
    ClientStreamWriter streamWriter(ExpectedStream expected, Instant at) {
      return new AnthropicStreamWriter(expected.model(), at);
    }
  };

  /// The format of an operation.
  ///
  /// @throws IllegalArgumentException if its requests are not translated
  static ChatFormat of(Operation operation) {
    return switch (operation) {
      case CHAT -> CHAT_COMPLETION;
      case COMPLETIONS -> TEXT_COMPLETION;
      case MESSAGES, COUNT_TOKENS -> MESSAGE;
      default ->
          throw new IllegalArgumentException(
              "requests of " + operation.name() + " are not translated");
    };
  }

  /// Reads a request.
  ///
  /// @throws InvalidInputException if it is not valid; names the member
  abstract ChatRequest read(ObjectNode body);

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
