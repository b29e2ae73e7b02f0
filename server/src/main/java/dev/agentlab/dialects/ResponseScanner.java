package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import dev.agentlab.conversation.TokenUsage;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Scans a non-streaming response, whose bytes are passed through: verifies that it is JSON, and
/// reads what a call reports, without building a tree.
abstract class ResponseScanner {
  /// A usage has some hundred bytes; the tree of a larger one would need a reservation of memory.
  private static final int MAX_USAGE_BYTES = 16 << 10;

  final byte[] body;
  final JsonCursor cursor;
  private boolean hasResult;
  private boolean mustBeParsed;
  private TokenUsage usage = TokenUsage.NONE;
  private Optional<FinishReason> finishReason = Optional.empty();

  ResponseScanner(byte[] body) {
    this.body = body;
    this.cursor = new JsonCursor(body, 0);
  }

  /// Scans the response.
  ///
  /// @return empty if the response is not JSON in valid UTF-8, lacks its result, may report an
  ///   error, or has a large usage; it has to be parsed then
  final Optional<CompleteAnswer> scan() {
    if (!Utf8.isValid(body, 0, body.length)) {
      return Optional.empty();
    }
    try {
      cursor.beginObject();
      while (cursor.nextMember()) {
        readMember(cursor.name());
      }
      cursor.end();
    } catch (JsonCursor.InvalidJsonException | JacksonException e) {
      return Optional.empty();
    }
    return hasResult && !mustBeParsed
        ? Optional.of(new CompleteAnswer(body, usage, finishReason))
        : Optional.empty();
  }

  /// Reads the value of a member of the response, at which the cursor is.
  abstract void readMember(String name);

  /// Reads the first element of an array, at which the cursor is, and skips the others. Skips any
  /// other value.
  ///
  /// @param read reads the first element, an object
  final void readFirst(Runnable read) {
    if (cursor.peek() != '[') {
      cursor.skip();
      return;
    }
    cursor.beginArray();
    boolean isFirst = true;
    while (cursor.nextElement()) {
      if (isFirst && cursor.peek() == '{') {
        read.run();
      } else {
        cursor.skip();
      }
      isFirst = false;
    }
  }

  /// @param isArray whether the result is one, as it should be
  final void foundResult(boolean isArray) {
    hasResult = isArray;
  }

  /// @param mayBeError whether a member that was read may report an error
  final void foundError(boolean mayBeError) {
    mustBeParsed |= mayBeError;
  }

  final void foundFinishReason(FinishReason reason) {
    finishReason = Optional.of(reason);
  }

  /// Reads the usage, which begins here and ends at the cursor.
  final void readUsage(int from, Function<JsonNode, TokenUsage> read) {
    int length = cursor.position() - from;
    if (length > MAX_USAGE_BYTES) {
      mustBeParsed = true;
    } else {
      usage = read.apply(ProviderJson.MAPPER.readTree(body, from, length));
    }
  }
}
