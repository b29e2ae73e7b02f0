package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/// Scans a non-streaming response of Anthropic, whose bytes are passed through: verifies that it is
/// JSON, and reads what a call reports, without building a tree.
final class AnthropicScanner {
  /// A usage has some hundred bytes; the tree of a larger one would need a reservation of memory.
  private static final int MAX_USAGE_BYTES = 16 << 10;

  private final byte[] body;
  private final JsonCursor cursor;
  private boolean hasContent;
  private boolean mayBeError;
  private TokenUsage usage = TokenUsage.NONE;
  private Optional<FinishReason> finishReason = Optional.empty();

  private AnthropicScanner(byte[] body) {
    this.body = body;
    this.cursor = new JsonCursor(body, 0);
  }

  /// Scans a response.
  ///
  /// @return empty if the response is not JSON in valid UTF-8, has no content, may report an error,
  ///   or has a large usage; it has to be parsed then
  static Optional<CompleteAnswer> scan(byte[] body) {
    if (!Utf8.isValid(body, 0, body.length)) {
      return Optional.empty();
    }
    AnthropicScanner scanner = new AnthropicScanner(body);
    try {
      scanner.scan();
    } catch (JsonCursor.InvalidJsonException | JacksonException e) {
      return Optional.empty();
    }
    return scanner.hasContent && !scanner.mayBeError
        ? Optional.of(new CompleteAnswer(body, scanner.usage, scanner.finishReason))
        : Optional.empty();
  }

  private void scan() {
    cursor.beginObject();
    while (cursor.nextMember()) {
      String name = cursor.name();
      byte first = cursor.peek();
      int from = cursor.position();
      cursor.skip();
      switch (name) {
        case "content" -> hasContent = first == '[';
        case "stop_reason" -> {
          if (first == '"') {
            finishReason =
                Optional.of(
                    AnthropicResponseReader.finishReason(new JsonCursor(body, from).string()));
          }
        }
        case "usage" -> readUsage(from, cursor.position() - from);
        case "error" -> mayBeError |= first != 'n';
        default -> {}
      }
    }
    cursor.end();
  }

  private void readUsage(int from, int length) {
    if (length > MAX_USAGE_BYTES) {
      mayBeError = true;
    } else {
      usage = AnthropicResponseReader.usage(ProviderJson.MAPPER.readTree(body, from, length));
    }
  }
}
