package dev.agentlab.errors;

/// A caller's text made short and clean enough to repeat in a message.
public final class Excerpt {
  private static final int LONGEST = 60;

  private Excerpt() {}

  /// The text without what cannot be printed, at most 60 code points of it.
  public static String of(String text) {
    StringBuilder printable = new StringBuilder();
    text.codePoints().filter(Excerpt::isPrintable).forEach(printable::appendCodePoint);
    return cut(printable.toString(), LONGEST);
  }

  /// Whether a code point is a letter, a number, punctuation, a symbol or the space of ASCII: not a
  /// control or format character, a mark, a separator, half of a character, or unassigned.
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

  /// The text, or its beginning and `…`.
  ///
  /// @param most code points: half of a surrogate pair could not be written as JSON
  public static String cut(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most)) + "…";
  }
}
