package dev.agentlab.backup;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// A row in the text format of `COPY`.
///
/// @param values empty for null
record CopyRow(List<Optional<String>> values) {
  private static final String NULL = "\\N";
  private static final String HEX_PREFIX = "\\x";

  /// Parses a line without its newline.
  ///
  /// @throws IllegalArgumentException if it is invalid
  static CopyRow parse(byte[] line) {
    String text = new String(line, StandardCharsets.UTF_8);
    List<Optional<String>> values = new ArrayList<>();
    int start = 0;
    while (start <= text.length()) {
      int tab = text.indexOf('\t', start);
      int end = tab < 0 ? text.length() : tab;
      String value = text.substring(start, end);
      values.add(value.equals(NULL) ? Optional.empty() : Optional.of(unescape(value)));
      start = end + 1;
    }
    return new CopyRow(List.copyOf(values));
  }

  private static String unescape(String value) {
    StringBuilder text = new StringBuilder();
    int position = 0;
    while (position < value.length()) {
      char next = value.charAt(position++);
      if (next == '\\') {
        if (position == value.length()) {
          throw new IllegalArgumentException("a value ends with a backslash");
        }
        text.append(unescaped(value.charAt(position++)));
      } else {
        text.append(next);
      }
    }
    return text.toString();
  }

  /// The character after a backslash, of those that the server writes.
  private static char unescaped(char escape) {
    return switch (escape) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> '\u000b';
      default -> escape;
    };
  }

  /// The text of a value that is not null.
  ///
  /// @throws IllegalArgumentException if there is none
  String text(int column) {
    return Optional.of(column)
        .filter(it -> it >= 0 && it < values.size())
        .flatMap(values::get)
        .orElseThrow(() -> new IllegalArgumentException("no value in column " + column));
  }

  /// The value of a `bytea` in hexadecimal.
  ///
  /// @throws IllegalArgumentException if it is anything else
  byte[] bytes(int column) {
    String text = text(column);
    if (!text.startsWith(HEX_PREFIX)) {
      throw new IllegalArgumentException("not a bytea in hexadecimal");
    }
    return HexFormat.of().parseHex(text, HEX_PREFIX.length(), text.length());
  }
}
