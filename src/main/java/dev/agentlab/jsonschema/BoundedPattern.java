package dev.agentlab.jsonschema;

import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A regular expression of a schema, matched by the JDK's engine for no longer than the [Deadline].
///
/// That engine backtracks, and may do so for years. It is stopped where it reads a character, and
/// [StoppablePattern] has it read one wherever it could choose between ways that read none.
final class BoundedPattern implements RegularExpression {
  /// For an empty text: what stands before it, and the text itself.
  private static final String BEFORE_NOTHING = "\n";

  private final Pattern pattern;

  /// @throws PatternSyntaxException if that is none, or one that cannot be bounded
  BoundedPattern(String regex) {
    pattern =
        Pattern.compile(
            StoppablePattern.of(RegularExpressions.replaceLongformCharacterProperties(regex)));
  }

  @Override
  public boolean matches(String value) {
    Deadline deadline = Deadline.CURRENT.get();
    if (!value.isEmpty()) {
      return pattern.matcher(new Read(value, deadline)).find();
    }
    Matcher matcher = pattern.matcher(new Read(BEFORE_NOTHING, deadline));
    return matcher.useTransparentBounds(true).region(1, 1).find();
  }

  /// A text that stops whoever reads it for too long.
  private record Read(String text, Deadline deadline) implements CharSequence {
    @Override
    public char charAt(int index) {
      deadline.step();
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
