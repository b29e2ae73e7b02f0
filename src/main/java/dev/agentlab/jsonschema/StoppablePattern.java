package dev.agentlab.jsonschema;

import java.util.regex.PatternSyntaxException;

/// Rewrites a regular expression of a JSON Schema (ECMA-262) for the JDK's engine, with the same
/// meaning, so that the engine cannot backtrack without reading a character. An assertion that
/// always succeeds but reads a character is inserted at the start of every group and alternative,
/// and before every zero-width element. Without it, `(|)(|)(|)…(?!)` would try all combinations at
/// the end of the text without a read.
final class StoppablePattern {
  private static final int MAX_LENGTH = 2_000;

  /// Always succeeds, but reads the adjacent characters: neither can be outside of `[\s\S]`, which
  /// matches every character.
  private static final String READ_ASSERTION = "(?<![^\\s\\S])(?![^\\s\\S])";

  /// Escapes that can match the empty string: positions and back-references.
  private static final String ZERO_WIDTH_ESCAPES = "bBAzZGk123456789";

  private final String regex;
  private final StringBuilder output = new StringBuilder();
  private int position;

  private StoppablePattern(String regex) {
    this.regex = regex;
  }

  /// @throws PatternSyntaxException if the expression is longer than 2000 characters or uses syntax
  ///   that only the JDK supports
  static String rewrite(String regex) {
    return new StoppablePattern(regex).rewritePattern();
  }

  private String rewritePattern() {
    if (regex.length() > MAX_LENGTH) {
      throw syntaxError("longer than %d characters".formatted(MAX_LENGTH));
    }
    while (position < regex.length()) {
      switch (regex.charAt(position)) {
        case '\\' -> rewriteEscape();
        case '[' -> rewriteClass();
        case '(' -> rewriteGroup();
        case '|' -> {
          copy(1);
          output.append(READ_ASSERTION);
        }
        case '^' -> writeZeroWidth("^", 1);
        case '$' -> writeZeroWidth("\\z", 1);
        default -> copy(1);
      }
    }
    return output.toString();
  }

  private void rewriteEscape() {
    char escaped = position + 1 < regex.length() ? regex.charAt(position + 1) : ' ';
    if (ZERO_WIDTH_ESCAPES.indexOf(escaped) < 0) {
      copyEscape();
      return;
    }
    int end = position + 2;
    if (escaped == 'k') {
      end = groupNameEnd();
    } else if (Character.isDigit(escaped)) {
      while (end < regex.length() && Character.isDigit(regex.charAt(end))) {
        end++;
      }
    }
    writeZeroWidth(regex.substring(position, end), end - position);
  }

  /// Writes a zero-width element in a group, because it may have a quantifier.
  private void writeZeroWidth(String atom, int length) {
    output.append("(?:").append(READ_ASSERTION).append(atom).append(')');
    position += length;
  }

  private void copyEscape() {
    if (regex.startsWith("\\Q", position)) {
      throw syntaxError("\\Q");
    }
    copy(regex.startsWith("\\c", position) ? 3 : 2);
  }

  /// A character class. In ECMA-262 classes do not nest, `&&` has no meaning, and `[]` and `[^]`
  /// are complete.
  private void rewriteClass() {
    if (regex.startsWith("[]", position)) {
      output.append("(?!)");
      position += 2;
      return;
    }
    if (regex.startsWith("[^]", position)) {
      output.append("[\\s\\S]");
      position += 3;
      return;
    }
    copy(regex.startsWith("[^", position) ? 2 : 1);
    while (position < regex.length() && regex.charAt(position) != ']') {
      switch (regex.charAt(position)) {
        case '\\' -> copyEscape();
        case '[', '&' -> {
          output.append('\\');
          copy(1);
        }
        default -> copy(1);
      }
    }
    copy(1);
  }

  private void rewriteGroup() {
    if (!regex.startsWith("(?", position)) {
      copy(1);
    } else if (regex.startsWith("(?<", position)
        && !regex.startsWith("(?<=", position)
        && !regex.startsWith("(?<!", position)) {
      copy(groupNameEnd() - position);
    } else if (regex.startsWith("(?<", position)) {
      copy(4);
    } else {
      copy(2);
      while (position < regex.length() && "ims-".indexOf(regex.charAt(position)) >= 0) {
        copy(1);
      }
      if (position >= regex.length() || ":=!>)".indexOf(regex.charAt(position)) < 0) {
        throw syntaxError("unknown group syntax");
      }
      copy(1);
      if (regex.charAt(position - 1) == ')') {
        return;
      }
    }
    output.append(READ_ASSERTION);
  }

  private int groupNameEnd() {
    int end = regex.indexOf('>', position);
    if (end < 0) {
      throw syntaxError("unterminated group name");
    }
    return end + 1;
  }

  private void copy(int length) {
    int end = Math.min(position + length, regex.length());
    output.append(regex, position, end);
    position = end;
  }

  private PatternSyntaxException syntaxError(String message) {
    return new PatternSyntaxException(message, regex, position);
  }
}
