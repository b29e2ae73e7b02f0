package dev.agentlab.dialects;

import java.util.Optional;

/// Scans a response of Google.
final class GeminiScanner extends ResponseScanner {

  private GeminiScanner(byte[] body) {
    super(body);
  }

  /// Scans a response; empty if it has to be parsed.
  static Optional<CompleteAnswer> scan(byte[] body) {
    return new GeminiScanner(body).scan();
  }

  @Override
  void readMember(String name) {
    byte first = cursor.peek();
    int from = cursor.position();
    switch (name) {
      case "candidates" -> {
        foundResult(first == '[');
        readFirst(this::readCandidate);
      }
      case "usageMetadata" -> {
        cursor.skip();
        readUsage(from, GeminiResponseReader::usage);
      }
      case "embedding", "embeddings" -> {
        cursor.skip();
        foundResult(true);
      }
      case "error" -> {
        cursor.skip();
        foundError(first != 'n');
      }
      default -> cursor.skip();
    }
  }

  private void readCandidate() {
    String word = "";
    boolean hasCalls = false;
    cursor.beginObject();
    while (cursor.nextMember()) {
      String name = cursor.name();
      if (name.equals("finishReason") && cursor.peek() == '"') {
        word = cursor.string();
      } else if (name.equals("content") && cursor.peek() == '{') {
        hasCalls = hasCalls();
      } else {
        cursor.skip();
      }
    }
    GeminiResponseReader.finishReason(word, hasCalls).ifPresent(this::foundFinishReason);
  }

  private boolean hasCalls() {
    boolean hasCalls = false;
    cursor.beginObject();
    while (cursor.nextMember()) {
      if (cursor.name().equals("parts") && cursor.peek() == '[') {
        cursor.beginArray();
        while (cursor.nextElement()) {
          hasCalls |= isCall();
        }
      } else {
        cursor.skip();
      }
    }
    return hasCalls;
  }

  private boolean isCall() {
    if (cursor.peek() != '{') {
      cursor.skip();
      return false;
    }
    boolean isCall = false;
    cursor.beginObject();
    while (cursor.nextMember()) {
      isCall |= cursor.name().equals("functionCall");
      cursor.skip();
    }
    return isCall;
  }
}
