package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/// Scans a non-streaming response of the OpenAI family, whose bytes are passed through: verifies
/// that it is JSON, and reads what a call reports, without building a tree.
final class ChatCompletionsScanner {
  /// A usage has some hundred bytes; the tree of a larger one would need a reservation of memory.
  private static final int MAX_USAGE_BYTES = 16 << 10;

  private final byte[] body;
  private final JsonCursor cursor;
  private final String resultMember;
  private boolean hasResult;
  private boolean mayBeError;
  private boolean needsMemory;
  private TokenUsage usage = TokenUsage.NONE;
  private Optional<FinishReason> finishReason = Optional.empty();

  private ChatCompletionsScanner(byte[] body, String resultMember) {
    this.body = body;
    this.cursor = new JsonCursor(body, 0);
    this.resultMember = resultMember;
  }

  /// Scans a response.
  ///
  /// @param resultMember the array that the response must have: `choices` or `data`
  /// @return empty if the response is not JSON in valid UTF-8, lacks the array, may report an
  ///   error, or has a large usage; it has to be parsed then
  static Optional<CompleteAnswer> scan(byte[] body, String resultMember) {
    if (!Utf8.isValid(body, 0, body.length)) {
      return Optional.empty();
    }
    ChatCompletionsScanner scanner = new ChatCompletionsScanner(body, resultMember);
    try {
      scanner.scan();
    } catch (JsonCursor.InvalidJsonException | JacksonException e) {
      return Optional.empty();
    }
    return scanner.hasResult && !scanner.mayBeError && !scanner.needsMemory
        ? Optional.of(new CompleteAnswer(body, scanner.usage, scanner.finishReason))
        : Optional.empty();
  }

  private void scan() {
    cursor.beginObject();
    while (cursor.nextMember()) {
      readMember(cursor.name());
    }
    cursor.end();
  }

  private void readMember(String name) {
    byte first = cursor.peek();
    int from = cursor.position();
    if (name.equals(resultMember)) {
      hasResult = first == '[';
      readResults();
      return;
    }
    cursor.skip();
    switch (name) {
      case "usage" -> readUsage(from, cursor.position() - from);
      case "error" -> mayBeError |= first != 'n';
      case "object" ->
          mayBeError |= first == '"' && new JsonCursor(body, from).string().equals("error");
      default -> {}
    }
  }

  private void readUsage(int from, int length) {
    if (length > MAX_USAGE_BYTES) {
      needsMemory = true;
    } else {
      usage = ChatCompletionsUsage.read(ProviderJson.MAPPER.readTree(body, from, length));
    }
  }

  /// Reads the finish reason of the first result, and skips the rest.
  private void readResults() {
    if (!hasResult) {
      cursor.skip();
      return;
    }
    cursor.beginArray();
    boolean isFirst = true;
    while (cursor.nextElement()) {
      if (isFirst && cursor.peek() == '{') {
        readResult();
      } else {
        cursor.skip();
      }
      isFirst = false;
    }
  }

  private void readResult() {
    cursor.beginObject();
    while (cursor.nextMember()) {
      if (cursor.name().equals("finish_reason") && cursor.peek() == '"') {
        finishReason = Optional.of(ChatCompletions.finishReason(cursor.string()));
      } else {
        cursor.skip();
      }
    }
  }
}
