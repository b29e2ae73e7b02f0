package dev.agentlab.gateway;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// A header value with parameters, such as `form-data; name="model"` (RFC 9110, section 5.6.6).
/// Stricter than the grammar, so that every parser reads it in the same way: a quoted value
/// contains no backslash, and no parameter is repeated.
///
/// @param value in lower case
/// @param parameters by name in lower case
record HeaderParameters(String value, Map<String, String> parameters) {

  /// @throws IllegalArgumentException with a message that states what is wrong
  static HeaderParameters parse(String text) {
    int end = text.indexOf(';');
    String value = (end < 0 ? text : text.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    Map<String, String> parameters = new HashMap<>();
    int at = end < 0 ? text.length() : end;
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      if (text.charAt(at) != ';' || equals < 0) {
        throw new IllegalArgumentException("must have parameters of the form name=value");
      }
      String name = text.substring(at + 1, equals).strip().toLowerCase(Locale.ROOT);
      int valueEnd = endOfValue(text, equals + 1);
      String parameter = text.substring(equals + 1, valueEnd).strip();
      requireToken(name);
      if (parameters.putIfAbsent(name, unquote(parameter)) != null) {
        throw new IllegalArgumentException("must not repeat the parameter " + name);
      }
      at = valueEnd;
    }
    return new HeaderParameters(value, Map.copyOf(parameters));
  }

  /// The index of the next semicolon outside quotes, or the end.
  private static int endOfValue(String text, int from) {
    boolean quoted = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' || c < ' ') {
        throw new IllegalArgumentException("must not contain backslashes or control characters");
      }
      quoted ^= c == '"';
      if (c == ';' && !quoted) {
        return i;
      }
    }
    if (quoted) {
      throw new IllegalArgumentException("must have an even number of quotes");
    }
    return text.length();
  }

  private static String unquote(String text) {
    if (!text.startsWith("\"")) {
      requireToken(text);
      return text;
    }
    String inner = text.substring(1, Math.max(1, text.length() - 1));
    if (!text.endsWith("\"") || text.length() < 2 || inner.indexOf('"') >= 0) {
      throw new IllegalArgumentException("must have quotes around values only");
    }
    return inner;
  }

  private static void requireToken(String text) {
    boolean isToken =
        !text.isEmpty()
            && text.chars().allMatch(c -> c > ' ' && c <= '~' && "\"(),;<=>@[]{}".indexOf(c) < 0);
    if (!isToken) {
      throw new IllegalArgumentException("must have parameters of the form name=value");
    }
  }
}
