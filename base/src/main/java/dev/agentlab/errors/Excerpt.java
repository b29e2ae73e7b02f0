package dev.agentlab.errors;

/// Sanitizes and truncates text of a caller for use in a message.
public final class Excerpt {
  private static final int MAX_CODE_POINTS = 60;

  private Excerpt() {}

  /// Returns the text without unprintable characters, truncated to 60 code points.
  public static String of(String text) {
    StringBuilder printable = new StringBuilder();
    text.codePoints().filter(Excerpt::isPrintable).forEach(printable::appendCodePoint);
    return truncate(printable.toString(), MAX_CODE_POINTS);
  }

  /// Whether a code point is a letter, a number, punctuation, a symbol or the ASCII space. Control
  /// and format characters, marks, separators, surrogates, and private-use and unassigned code
  /// points are not printable.
  public static boolean isPrintable(int codePoint) {
    return codePoint == ' '
        || switch (Character.getType(codePoint)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED,
              Character.NON_SPACING_MARK,
              Character.COMBINING_SPACING_MARK,
              Character.ENCLOSING_MARK,
              Character.SPACE_SEPARATOR,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR ->
              false;
          default -> true;
        };
  }

  /// Returns the text, truncated with a trailing `…` if it is longer than the maximum.
  ///
  /// @param maxCodePoints code points, not `char`s: an unpaired surrogate cannot be written as JSON
  public static String truncate(String text, int maxCodePoints) {
    return text.codePointCount(0, text.length()) <= maxCodePoints
        ? text
        : text.substring(0, text.offsetByCodePoints(0, maxCodePoints)) + "…";
  }
}
