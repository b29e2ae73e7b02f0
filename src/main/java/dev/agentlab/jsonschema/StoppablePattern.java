package dev.agentlab.jsonschema;

import java.util.regex.PatternSyntaxException;

/// Rewrites a regular expression of a JSON Schema (ECMA-262) for the JDK's engine, with the same
/// meaning, so that the engine cannot backtrack without reading a character. An assertion that
/// always succeeds but reads a character is inserted at the start of every group and alternative,
/// and before every zero-width element. Without it, `(|)(|)(|)…(?!)` would try all combinations at
/// the end of the text without a read.
final class StoppablePattern {
  private static final int LONGEST = 2_000;

  /// Always succeeds, but reads the adjacent characters: neither can be outside of `[\s\S]`, which
  /// matches every character.
  private static final String READ = "(?<![^\\s\\S])(?![^\\s\\S])";

  /// Escapes that can match the empty string: positions and back-references.
  private static final String PLACES = "bBAzZGk123456789";

  private final String regex;
  private final StringBuilder written = new StringBuilder();
  private int at;

  private StoppablePattern(String regex) {
    this.regex = regex;
  }

  /// @throws PatternSyntaxException if the expression is longer than 2000 characters or uses syntax
  ///   that only the JDK supports
  static String of(String regex) {
    return new StoppablePattern(regex).rewritten();
  }

  private String rewritten() {
    if (regex.length() > LONGEST) {
      throw refused("longer than %d characters".formatted(LONGEST));
    }
    while (at < regex.length()) {
      switch (regex.charAt(at)) {
        case '\\' -> escape();
        case '[' -> characters();
        case '(' -> group();
        case '|' -> {
          copy(1);
          written.append(READ);
        }
        case '^' -> place("^", 1);
        case '$' -> place("\\z", 1);
        default -> copy(1);
      }
    }
    return written.toString();
  }

  private void escape() {
    char escaped = at + 1 < regex.length() ? regex.charAt(at + 1) : ' ';
    if (PLACES.indexOf(escaped) < 0) {
      copyEscape();
      return;
    }
    int end = at + 2;
    if (escaped == 'k') {
      end = endOfName();
    } else if (Character.isDigit(escaped)) {
      while (end < regex.length() && Character.isDigit(regex.charAt(end))) {
        end++;
      }
    }
    place(regex.substring(at, end), end - at);
  }

  /// Writes a zero-width element in a group, because it may have a quantifier.
  private void place(String atom, int length) {
    written.append("(?:").append(READ).append(atom).append(')');
    at += length;
  }

  private void copyEscape() {
    if (regex.startsWith("\\Q", at)) {
      throw refused("\\Q");
    }
    copy(regex.startsWith("\\c", at) ? 3 : 2);
  }

  /// A character class. In ECMA-262 classes do not nest, `&&` has no meaning, and `[]` and `[^]`
  /// are complete.
  private void characters() {
    if (regex.startsWith("[]", at)) {
      written.append("(?!)");
      at += 2;
      return;
    }
    if (regex.startsWith("[^]", at)) {
      written.append("[\\s\\S]");
      at += 3;
      return;
    }
    copy(regex.startsWith("[^", at) ? 2 : 1);
    while (at < regex.length() && regex.charAt(at) != ']') {
      switch (regex.charAt(at)) {
        case '\\' -> copyEscape();
        case '[', '&' -> {
          written.append('\\');
          copy(1);
        }
        default -> copy(1);
      }
    }
    copy(1);
  }

  private void group() {
    if (!regex.startsWith("(?", at)) {
      copy(1);
    } else if (regex.startsWith("(?<", at)
        && !regex.startsWith("(?<=", at)
        && !regex.startsWith("(?<!", at)) {
      copy(endOfName() - at);
    } else if (regex.startsWith("(?<", at)) {
      copy(4);
    } else {
      copy(2);
      while (at < regex.length() && "ims-".indexOf(regex.charAt(at)) >= 0) {
        copy(1);
      }
      if (at >= regex.length() || ":=!>)".indexOf(regex.charAt(at)) < 0) {
        throw refused("unknown group syntax");
      }
      copy(1);
      if (regex.charAt(at - 1) == ')') {
        return;
      }
    }
    written.append(READ);
  }

  private int endOfName() {
    int end = regex.indexOf('>', at);
    if (end < 0) {
      throw refused("unterminated group name");
    }
    return end + 1;
  }

  private void copy(int length) {
    int end = Math.min(at + length, regex.length());
    written.append(regex, at, end);
    at = end;
  }

  private PatternSyntaxException refused(String message) {
    return new PatternSyntaxException(message, regex, at);
  }
}
