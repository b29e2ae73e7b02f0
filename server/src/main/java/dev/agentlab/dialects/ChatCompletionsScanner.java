package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Scans a non-streaming response of the OpenAI family, whose bytes are passed through: verifies
/// that it is JSON, and reads what a call reports, without building a tree.
final class ChatCompletionsScanner {
  private final String resultMember;
  private boolean hasResult;
  private boolean mayBeError;
  private TokenUsage usage = TokenUsage.NONE;
  private Optional<FinishReason> finishReason = Optional.empty();

  private ChatCompletionsScanner(String resultMember) {
    this.resultMember = resultMember;
  }

  /// Scans a response.
  ///
  /// @param resultMember the array that the response must have: `choices` or `data`
  /// @return empty if the response is not JSON in valid UTF-8, lacks the array, or may report an
  ///   error; it has to be parsed then to say what is wrong
  static Optional<CompleteAnswer> scan(byte[] body, String resultMember) {
    // Jackson accepts overlong forms and surrogates.
    if (!Utf8.isValid(body, 0, body.length)) {
      return Optional.empty();
    }
    ChatCompletionsScanner scanner = new ChatCompletionsScanner(resultMember);
    try (JsonParser parser = ProviderJson.MAPPER.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        scanner.readMember(parser);
      }
      if (parser.nextToken() != null) {
        return Optional.empty();
      }
    } catch (JacksonException e) {
      return Optional.empty();
    }
    return scanner.hasResult && !scanner.mayBeError
        ? Optional.of(new CompleteAnswer(body, scanner.usage, scanner.finishReason))
        : Optional.empty();
  }

  private void readMember(JsonParser parser) {
    String name = parser.currentName();
    JsonToken value = parser.nextToken();
    if (name.equals(resultMember)) {
      hasResult = value == JsonToken.START_ARRAY;
      if (hasResult) {
        readResults(parser);
        return;
      }
    }
    switch (name) {
      case "usage" -> usage = ChatCompletionsUsage.read(parser.readValueAsTree());
      case "error" -> mayBeError |= value != JsonToken.VALUE_NULL;
      case "object" ->
          mayBeError |= value == JsonToken.VALUE_STRING && parser.getString().equals("error");
      default -> {}
    }
    parser.skipChildren();
  }

  /// Reads the finish reason of the first result, and skips the rest.
  private void readResults(JsonParser parser) {
    boolean isFirst = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (isFirst && parser.currentToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          boolean isReason = parser.currentName().equals("finish_reason");
          if (parser.nextToken() == JsonToken.VALUE_STRING && isReason) {
            finishReason = Optional.of(ChatCompletions.finishReason(parser.getString()));
          }
          parser.skipChildren();
        }
      } else {
        parser.skipChildren();
      }
      isFirst = false;
    }
  }
}
