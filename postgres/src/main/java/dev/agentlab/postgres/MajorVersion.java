package dev.agentlab.postgres;

import java.util.OptionalInt;

/// Major versions of PostgreSQL, such as 18.
final class MajorVersion {
  private static final int MAX_DIGITS = 4;

  private MajorVersion() {}

  /// Parses a version; empty if the text is none.
  static OptionalInt parse(String text) {
    boolean valid =
        !text.isEmpty()
            && text.length() <= MAX_DIGITS
            && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return valid ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
  }
}
