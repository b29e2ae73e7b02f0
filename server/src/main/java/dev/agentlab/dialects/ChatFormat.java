package dev.agentlab.dialects;

import dev.agentlab.conversation.ChatRequest;
import dev.agentlab.errors.InvalidInputException;
import java.time.Instant;

/// The format in which a client writes its chat requests and reads the responses.
enum ChatFormat {
  /// OpenAI's `chat.completion`, or a stream of `chat.completion.chunk`.
  CHAT_COMPLETION {
    @Override
    ChatRequest read(ModelRequest request) {
      return ChatCompletionsRequestReader.read(request.body());
    }

    @Override
    ClientResponseWriter responseWriter(ModelRequest request, Instant at) {
      return new ChatCompletionsResponseWriter(request.model(), at);
    }

    @Override
    ClientStreamWriter streamWriter(ModelRequest request, Instant at) {
      return new ChatCompletionsStreamWriter(request.expectedStream(), at);
    }
  },
  /// OpenAI's `text_completion`, or a stream of them. The request has the form of a chat
  /// ([ModelRequest#toChat]).
  TEXT_COMPLETION {
    @Override
    ChatRequest read(ModelRequest request) {
      return ChatCompletionsRequestReader.read(request.body());
    }

    @Override
    ClientResponseWriter responseWriter(ModelRequest request, Instant at) {
      return new CompletionsResponseWriter(request.model(), at);
    }

    @Override
    ClientStreamWriter streamWriter(ModelRequest request, Instant at) {
      return new CompletionsStreamWriter(request.expectedStream(), at);
    }
  },
  /// Anthropic's `message`, or its stream.
  MESSAGE {
    @Override
    ChatRequest read(ModelRequest request) {
      return AnthropicRequestReader.read(request.body());
    }

    @Override
    ClientResponseWriter responseWriter(ModelRequest request, Instant at) {
      return new AnthropicResponseWriter(request.model(), at);
    }

    @Override
    ClientStreamWriter streamWriter(ModelRequest request, Instant at) {
      return new AnthropicStreamWriter(request.model(), at);
    }
  },
  /// Google's `GenerateContentResponse`, or its stream.
  GENERATED_CONTENT {
    @Override
    ChatRequest read(ModelRequest request) {
      return GeminiRequestReader.read(request);
    }

    @Override
    ClientResponseWriter responseWriter(ModelRequest request, Instant at) {
      return new GeminiResponseWriter(request.model(), at);
    }

    @Override
    ClientStreamWriter streamWriter(ModelRequest request, Instant at) {
      return new GeminiStreamWriter(request.model(), at);
    }
  },
  /// OpenAI's `response`, or its stream.
  RESPONSE {
    @Override
    ChatRequest read(ModelRequest request) {
      return ResponsesRequestReader.read(request.body());
    }

    @Override
    ClientResponseWriter responseWriter(ModelRequest request, Instant at) {
      return new ResponsesResponseWriter(ResponsesTemplate.of(request), at);
    }

    @Override
    ClientStreamWriter streamWriter(ModelRequest request, Instant at) {
      return new ResponsesStreamWriter(ResponsesTemplate.of(request), at);
    }
  },
  /// As [#CHAT_COMPLETION], for a request in the form of [#RESPONSE].
  CHAT_WITH_INPUT {
    @Override
    ChatRequest read(ModelRequest request) {
      return ResponsesRequestReader.read(request.body());
    }

    @Override
    ClientResponseWriter responseWriter(ModelRequest request, Instant at) {
      return new CustomInputWriter.OfResponse(
          request, new ChatCompletionsResponseWriter(request.model(), at));
    }

    @Override
    ClientStreamWriter streamWriter(ModelRequest request, Instant at) {
      return new CustomInputWriter.OfStream(
          request, new ChatCompletionsStreamWriter(request.expectedStream(), at));
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
      case GENERATE_CONTENT, COUNT_CONTENT_TOKENS -> GENERATED_CONTENT;
      case RESPONSES, COUNT_RESPONSE_TOKENS -> RESPONSE;
      case CHAT_WITH_INPUT -> CHAT_WITH_INPUT;
      default ->
          throw new IllegalArgumentException(
              "requests of " + operation.name() + " are not translated");
    };
  }

  /// Reads a request.
  ///
  /// @throws InvalidInputException if it is not valid; names the member
  abstract ChatRequest read(ModelRequest request);

  /// Creates the writer of a complete response.
  ///
  /// @param at when the response arrived
  abstract ClientResponseWriter responseWriter(ModelRequest request, Instant at);

  /// Creates the writer of a stream.
  ///
  /// @param at when the stream began
  abstract ClientStreamWriter streamWriter(ModelRequest request, Instant at);
}
