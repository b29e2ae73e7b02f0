package dev.agentlab.dialects;

import java.nio.charset.StandardCharsets;

/// A position in a JSON text that moves over its values without building them, and verifies their
/// syntax (RFC 8259) on the way. A parser for trees costs several times as much, mostly for its
/// start. The text must be valid UTF-8.
///
/// Before a value, the position is at its first byte or at the white space before it.
final class JsonCursor {
  private static final int MAX_DEPTH = 400;
  private static final int UNICODE_DIGITS = 4;

  private final byte[] text;
  private int at;

  /// Whether the position is directly after the start of an object or array.
  private boolean atStart;

  /// A text that is not JSON.
  static final class InvalidJsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private InvalidJsonException(String expected, int position) {
      super("%s at byte %d".formatted(expected, position), null, false, false);
    }
  }

  /// @param position where to begin
  JsonCursor(byte[] text, int position) {
    this.text = text;
    this.at = position;
  }

  /// The number of bytes before the position.
  int position() {
    return at;
  }

  /// The first byte of the next value; 0 if the text ends before one.
  byte peek() {
    while (at < text.length && isSpace(text[at])) {
      at++;
    }
    return at < text.length ? text[at] : 0;
  }

  static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }

  /// Moves to the first member of an object.
  void beginObject() {
    begin('{', "expected an object");
  }

  /// Moves to the first element of an array.
  void beginArray() {
    begin('[', "expected an array");
  }

  private void begin(char bracket, String expected) {
    if (peek() != bracket) {
      throw invalid(expected);
    }
    at++;
    atStart = true;
  }

  /// Moves to the name of the next member of an object, or after the object if there is none.
  ///
  /// @return whether there is one
  boolean nextMember() {
    boolean hasNext = next('}');
    if (hasNext && peek() != '"') {
      throw invalid("expected the name of a member");
    }
    return hasNext;
  }

  /// Moves to the next element of an array, or after the array if there is none.
  ///
  /// @return whether there is one
  boolean nextElement() {
    return next(']');
  }

  private boolean next(char end) {
    byte next = peek();
    boolean isFirst = atStart;
    atStart = false;
    if (next == end) {
      at++;
      return false;
    }
    if (!isFirst) {
      if (next != ',') {
        throw invalid("expected , or " + end);
      }
      at++;
    }
    return true;
  }

  /// Reads the name of a member and moves to its value.
  String name() {
    String name = string();
    colon();
    return name;
  }

  private void colon() {
    if (peek() != ':') {
      throw invalid("expected :");
    }
    at++;
  }

  /// Reads a string.
  String string() {
    if (peek() != '"') {
      throw invalid("expected a string");
    }
    int from = at;
    boolean isEscaped = skipString();
    if (!isEscaped) {
      return new String(text, from + 1, at - from - 2, StandardCharsets.UTF_8);
    }
    String unescaped = ProviderJson.MAPPER.readValue(text, from, at - from, String.class);
    if (hasUnpairedSurrogate(unescaped)) {
      throw invalid("an unpaired surrogate in the string before");
    }
    return unescaped;
  }

  private static boolean hasUnpairedSurrogate(String unescaped) {
    return unescaped
        .codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  /// Moves after the next value.
  void skip() {
    skip(0);
  }

  private void skip(int depth) {
    if (depth > MAX_DEPTH) {
      throw invalid("more than %d levels".formatted(MAX_DEPTH));
    }
    switch (peek()) {
      case '{' -> {
        beginObject();
        while (nextMember()) {
          var _ = skipString();
          colon();
          skip(depth + 1);
        }
      }
      case '[' -> {
        beginArray();
        while (nextElement()) {
          skip(depth + 1);
        }
      }
      case '"' -> {
        var _ = skipString();
      }
      case 't' -> skipWord("true");
      case 'f' -> skipWord("false");
      case 'n' -> skipWord("null");
      default -> skipNumber();
    }
  }

  /// Moves after a string.
  ///
  /// @return whether it contains escapes
  private boolean skipString() {
    boolean isEscaped = false;
    at++;
    while (at < text.length) {
      byte b = text[at];
      if (b == '"') {
        at++;
        return isEscaped;
      }
      if (b == '\\') {
        isEscaped = true;
        skipEscape();
      } else if (b >= 0 && b < ' ') {
        throw invalid("a control character in a string");
      } else {
        at++;
      }
    }
    throw invalid("expected the end of a string");
  }

  private void skipEscape() {
    at++;
    switch (at < text.length ? text[at] : 0) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at++;
      case 'u' -> {
        at++;
        for (int i = 0; i < UNICODE_DIGITS; i++) {
          if (at >= text.length || Character.digit(text[at], 16) < 0) {
            throw invalid("expected four hexadecimal digits");
          }
          at++;
        }
      }
      default -> throw invalid("an unknown escape");
    }
  }

  private void skipWord(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (at >= text.length || text[at] != word.charAt(i)) {
        throw invalid("expected " + word);
      }
      at++;
    }
  }

  private void skipNumber() {
    if (isNext('-')) {
      at++;
    }
    if (isNext('0')) {
      at++;
    } else {
      skipDigits();
    }
    if (isNext('.')) {
      at++;
      skipDigits();
    }
    if (isNext('e') || isNext('E')) {
      at++;
      if (isNext('+') || isNext('-')) {
        at++;
      }
      skipDigits();
    }
  }

  private boolean isNext(char c) {
    return at < text.length && text[at] == c;
  }

  private void skipDigits() {
    int from = at;
    while (at < text.length && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    if (at == from) {
      throw invalid("expected a value");
    }
  }

  /// Requires that only white space follows.
  void end() {
    if (peek() != 0 || at < text.length) {
      throw invalid("expected the end");
    }
  }

  private InvalidJsonException invalid(String problem) {
    return new InvalidJsonException(problem, at);
  }
}
