package dev.agentlab.errors;

import java.util.regex.Pattern;

/// A caller's text made short and clean enough to repeat in a message.
public final class Brief {
  private static final int LONGEST = 60;
  private static final Pattern UNPRINTABLE = Pattern.compile("[^\\p{L}\\p{N}\\p{P}\\p{S} ]");

  private Brief() {}

  /// The text without what cannot be printed, at most 60 code points of it.
  public static String of(String text) {
    return cut(UNPRINTABLE.matcher(text).replaceAll(""), LONGEST);
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
