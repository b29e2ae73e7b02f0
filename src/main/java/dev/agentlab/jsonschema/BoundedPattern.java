package dev.agentlab.jsonschema;

import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A regular expression of a schema, matched by the JDK's engine within the [Deadline].
///
/// The engine backtracks, in the worst case for years. It is stopped when it reads a character, and
/// [StoppablePattern] makes it read one wherever it could backtrack without reading any.
final class BoundedPattern implements RegularExpression {
  /// The text before the empty region, in which an empty text is matched: the engine then has a
  /// character to read.
  private static final String EMPTY_TEXT_CONTEXT = "\n";

  private final Pattern pattern;

  /// @throws PatternSyntaxException if the expression is invalid, or its time cannot be bounded
  BoundedPattern(String regex) {
    pattern =
        Pattern.compile(
            StoppablePattern.rewrite(RegularExpressions.replaceLongformCharacterProperties(regex)));
  }

  @Override
  public boolean matches(String value) {
    Deadline deadline = Deadline.CURRENT.get();
    if (!value.isEmpty()) {
      return pattern.matcher(new BoundedText(value, deadline)).find();
    }
    Matcher matcher = pattern.matcher(new BoundedText(EMPTY_TEXT_CONTEXT, deadline));
    return matcher.useTransparentBounds(true).region(1, 1).find();
  }

  /// A text that checks the deadline at every read.
  private record BoundedText(String text, Deadline deadline) implements CharSequence {
    @Override
    public char charAt(int index) {
      deadline.countStep();
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.substring(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
