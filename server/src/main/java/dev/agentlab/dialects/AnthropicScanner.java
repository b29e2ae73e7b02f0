package dev.agentlab.dialects;

import java.util.Optional;

/// Scans a response of Anthropic.
final class AnthropicScanner extends ResponseScanner {

  private AnthropicScanner(byte[] body) {
    super(body);
  }

  /// Scans a response; empty if it has to be parsed.
  static Optional<CompleteAnswer> scan(byte[] body) {
    return new AnthropicScanner(body).scan();
  }

  @Override
  void readMember(String name) {
    byte first = cursor.peek();
    int from = cursor.position();
    cursor.skip();
    switch (name) {
      case "content" -> foundResult(first == '[');
      case "stop_reason" -> {
        if (first == '"') {
          foundFinishReason(
              AnthropicResponseReader.finishReason(new JsonCursor(body, from).string()));
        }
      }
      case "usage" -> readUsage(from, AnthropicResponseReader::usage);
      case "error" -> foundError(first != 'n');
      default -> {}
    }
  }
}
