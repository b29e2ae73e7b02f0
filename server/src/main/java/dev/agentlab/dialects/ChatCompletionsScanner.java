package dev.agentlab.dialects;

import java.util.Optional;

/// Scans a response of the OpenAI family.
final class ChatCompletionsScanner extends ResponseScanner {
  private final String resultMember;

  private ChatCompletionsScanner(byte[] body, String resultMember) {
    super(body);
    this.resultMember = resultMember;
  }

  /// Scans a response; empty if it has to be parsed.
  ///
  /// @param resultMember the array that the response must have: `choices` or `data`
  static Optional<CompleteAnswer> scan(byte[] body, String resultMember) {
    return new ChatCompletionsScanner(body, resultMember).scan();
  }

  @Override
  void readMember(String name) {
    byte first = cursor.peek();
    int from = cursor.position();
    if (name.equals(resultMember)) {
      foundResult(first == '[');
      readFirst(this::readResult);
      return;
    }
    cursor.skip();
    switch (name) {
      case "usage" -> readUsage(from, OpenAiUsage.CHAT::read);
      case "error" -> foundError(first != 'n');
      case "object" ->
          foundError(first == '"' && new JsonCursor(body, from).string().equals("error"));
      default -> {}
    }
  }

  /// Reads the finish reason of a result.
  private void readResult() {
    cursor.beginObject();
    while (cursor.nextMember()) {
      if (cursor.name().equals("finish_reason") && cursor.peek() == '"') {
        foundFinishReason(ChatCompletions.finishReason(cursor.string()));
      } else {
        cursor.skip();
      }
    }
  }
}
