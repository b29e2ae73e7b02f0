package dev.agentlab.jsonschema;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressionFactory;
import com.networknt.schema.regex.RegularExpressions;

/// Compiles the regular expressions of one schema with RE2/J, which takes linear time but supports
/// neither look-around nor back-references.
final class SchemaPatterns implements RegularExpressionFactory {
  private static final int MAX_LENGTH = 2_000;

  /// The total length of a schema's patterns with all repetitions expanded, as RE2/J compiles them.
  private static final int MAX_TOTAL_SIZE = 50_000;

  private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|.)");
  private static final Pattern REPETITION = Pattern.compile("\\{([0-9]+)(?:,([0-9]*))?\\}");

  private final Deadline deadline;
  private double totalSize;

  SchemaPatterns(Deadline deadline) {
    this.deadline = deadline;
  }

  /// @throws InvalidSchemaException if RE2/J does not support the expression, or it is too large
  @Override
  public RegularExpression getRegularExpression(String regex) {
    deadline.check();
    totalSize += maxSize(regex);
    if (regex.length() > MAX_LENGTH || totalSize > MAX_TOTAL_SIZE) {
      throw new InvalidSchemaException(
          "must have patterns of at most %d characters, and %d with all repetitions expanded"
              .formatted(MAX_LENGTH, MAX_TOTAL_SIZE));
    }
    try {
      Pattern pattern = Pattern.compile(translateEscapes(regex));
      return text -> pattern.matcher(new BoundedText(text, deadline)).find();
    } catch (PatternSyntaxException e) {
      throw new InvalidSchemaException(
          "must have only patterns of RE2, which has no look-around and no back-references, was"
              + " \"%s\": %s".formatted(regex, e.getDescription()));
    }
  }

  /// Translates the escapes of ECMA-262 that RE2/J writes differently: `\u4e00` and long names of
  /// character properties.
  private static String translateEscapes(String regex) {
    Matcher escape = ESCAPE.matcher(RegularExpressions.replaceLongformCharacterProperties(regex));
    StringBuilder translated = new StringBuilder();
    while (escape.find()) {
      if (escape.group().equals("\\Q")) {
        throw new PatternSyntaxException("invalid escape sequence", "\\Q");
      }
      escape.appendReplacement(translated, escape.group(1) == null ? "$0" : "\\\\x{$1}");
    }
    return escape.appendTail(translated).toString();
  }

  /// An upper bound of the size with all repetitions expanded, because RE2/J limits only each
  /// count. Counts of groups multiply, since groups may be nested; counts of characters add up.
  private static double maxSize(String regex) {
    double characters = regex.length();
    double groups = 1;
    Matcher repetition = REPETITION.matcher(regex);
    while (repetition.find()) {
      String max = repetition.group(2);
      double count = Double.parseDouble(max == null || max.isEmpty() ? repetition.group(1) : max);
      int start = repetition.start();
      if (start > 0 && regex.charAt(start - 1) == ')') {
        groups *= Math.max(count, 1);
      } else {
        characters += count;
      }
    }
    return characters * groups;
  }

  /// A text that checks the deadline at every read: linear time is long for a large pattern and
  /// text.
  private record BoundedText(String text, Deadline deadline) implements CharSequence {
    @Override
    public char charAt(int index) {
      deadline.check();
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
