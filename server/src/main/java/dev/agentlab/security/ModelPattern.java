package dev.agentlab.security;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A pattern of model names, in which `*` matches any characters, also none, and every other
/// character only itself. Matching takes time in proportion to the name and allocates nothing.
/// Immutable.
public final class ModelPattern {
  /// The maximum length in code points.
  public static final int MAX_LENGTH = 300;

  public static final int MAX_WILDCARDS = 10;

  public static final char WILDCARD = '*';

  private final String text;

  /// The text before the first wildcard; the whole text if there is none.
  private final String prefix;

  /// The text after the last wildcard; empty if there is none.
  private final String suffix;

  /// The texts between two wildcards, without empty ones.
  private final List<Infix> infixes;

  private final boolean hasWildcard;

  /// @throws IllegalArgumentException if the text is not valid, see [#findError]
  public ModelPattern(String text) {
    findError(text)
        .ifPresent(message -> {
          throw new IllegalArgumentException("the model pattern " + message);
        });
    this.text = text;
    int first = text.indexOf(WILDCARD);
    hasWildcard = first >= 0;
    prefix = hasWildcard ? text.substring(0, first) : text;
    suffix = hasWildcard ? text.substring(text.lastIndexOf(WILDCARD) + 1) : "";
    infixes = hasWildcard ? infixes(text, first) : List.of();
  }

  /// Returns the error of a text; empty if it is a valid pattern.
  static Optional<String> findError(String text) {
    int length = text.codePointCount(0, text.length());
    if (length == 0 || length > MAX_LENGTH) {
      return Optional.of("must have 1 to %d characters, had %d".formatted(MAX_LENGTH, length));
    }
    long wildcards = text.chars().filter(it -> it == WILDCARD).count();
    if (wildcards > MAX_WILDCARDS) {
      return Optional.of("must have at most %d *, had %d".formatted(MAX_WILDCARDS, wildcards));
    }
    return text.codePoints().anyMatch(ModelPattern::isForbidden)
        ? Optional.of("must not contain control characters or unpaired surrogates")
        : Optional.empty();
  }

  private static boolean isForbidden(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.CONTROL || type == Character.SURROGATE;
  }

  private static List<Infix> infixes(String text, int firstWildcard) {
    List<Infix> infixes = new ArrayList<>();
    int start = firstWildcard + 1;
    for (int end = text.indexOf(WILDCARD, start); end >= 0; end = text.indexOf(WILDCARD, start)) {
      if (end > start) {
        infixes.add(new Infix(text.substring(start, end)));
      }
      start = end + 1;
    }
    return List.copyOf(infixes);
  }

  /// Whether the pattern matches the whole name.
  public boolean matches(String name) {
    if (!hasWildcard) {
      return name.equals(text);
    }
    int end = name.length() - suffix.length();
    if (end < prefix.length() || !name.startsWith(prefix) || !name.endsWith(suffix)) {
      return false;
    }
    int position = prefix.length();
    for (int i = 0; i < infixes.size(); i++) {
      position = infixes.get(i).findEnd(name, position, end);
      if (position < 0) {
        return false;
      }
    }
    return true;
  }

  /// Whether this pattern matches every name that the other matches.
  boolean covers(ModelPattern other) {
    // Only a wildcard of this pattern matches the character *, and it matches any text in its
    // place.
    return matches(other.text);
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof ModelPattern other && text.equals(other.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }

  /// A text to find within a name, by the algorithm of Knuth, Morris and Pratt.
  private static final class Infix {
    private final String text;

    /// For each prefix of the text, the length of its longest proper prefix that is also its
    /// suffix.
    private final int[] borders;

    Infix(String text) {
      this.text = text;
      borders = new int[text.length()];
      for (int i = 1; i < borders.length; i++) {
        borders[i] = advance(borders[i - 1], text.charAt(i));
      }
    }

    /// The end of the first occurrence within a part of a name; -1 if there is none.
    int findEnd(String name, int from, int to) {
      int matched = 0;
      for (int i = from; i < to; i++) {
        matched = advance(matched, name.charAt(i));
        if (matched == text.length()) {
          return i + 1;
        }
      }
      return -1;
    }

    /// The number of matched characters after the next character.
    private int advance(int matched, char next) {
      int length = matched;
      while (length > 0 && text.charAt(length) != next) {
        length = borders[length - 1];
      }
      return text.charAt(length) == next ? length + 1 : length;
    }
  }
}
