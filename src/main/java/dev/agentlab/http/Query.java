package dev.agentlab.http;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/// The query of a request target: `a=1&b=2`.
final class Query {
  private static final int MAX_SHOWN_NAME = 64;

  /// The parameters whose values a log may show.
  private static final Set<String> LOGGED = Set.of("page", "page_size", "sort");

  private Query() {}

  /// The values by name.
  ///
  /// @param raw as it stands in the request, without the question mark
  /// @param known the names that may be there, each at most once
  /// @throws InvalidInputException naming every part that is unknown, repeated or broken
  static Map<String, String> read(String raw, Set<String> known) {
    if (raw.isEmpty()) {
      return Map.of();
    }
    Map<String, String> values = new HashMap<>();
    List<FieldError> errors = new ArrayList<>();
    eachPart(
        raw,
        (rawName, rawValue) -> {
          String name = rawName;
          try {
            name = PercentDecoder.decodeQuery(rawName);
            if (!known.contains(name)) {
              errors.add(new FieldError(shown(name), unknown(known)));
            } else if (values.put(name, PercentDecoder.decodeQuery(withoutSign(rawValue)))
                != null) {
              errors.add(new FieldError(name, "is given more than once"));
            }
          } catch (IllegalArgumentException e) {
            errors.add(new FieldError(shown(name), String.valueOf(e.getMessage())));
          }
        });
    if (!errors.isEmpty()) {
      throw new InvalidInputException(errors);
    }
    return values;
  }

  /// The query fit for a log: what does not say which page is `***`, for it may be personal, or a
  /// secret that a caller put in the wrong place.
  static String masked(String raw, Set<String> known) {
    StringBuilder masked = new StringBuilder(raw.length());
    eachPart(
        raw,
        (name, value) -> {
          masked.append(masked.isEmpty() ? "" : "&");
          if (known.contains(name) && LOGGED.contains(name)) {
            masked.append(name).append(value);
          } else {
            masked.append(value.isEmpty() ? "" : name + "=").append("***");
          }
        });
    return masked.toString();
  }

  /// @param use takes a name, and its value with the sign before it: `=1`, or nothing
  private static void eachPart(String raw, BiConsumer<String, String> use) {
    for (int start = 0; start <= raw.length(); ) {
      int end = raw.indexOf('&', start);
      end = end < 0 ? raw.length() : end;
      int sign = raw.indexOf('=', start);
      sign = sign < 0 || sign > end ? end : sign;
      if (end > start) {
        use.accept(raw.substring(start, sign), raw.substring(sign, end));
      }
      start = end + 1;
    }
  }

  private static String withoutSign(String value) {
    return value.isEmpty() ? value : value.substring(1);
  }

  private static String unknown(Set<String> known) {
    return known.isEmpty()
        ? "is not known here; this path takes no query parameters"
        : "is not known here; known: " + String.join(", ", new TreeSet<>(known));
  }

  /// A name a caller made up, fit for an answer.
  static String shown(String name) {
    String printable =
        name.codePoints()
            .limit(MAX_SHOWN_NAME)
            .collect(
                StringBuilder::new,
                (text, c) -> text.appendCodePoint(Character.isISOControl(c) ? '\uFFFD' : c),
                StringBuilder::append)
            .toString();
    // Of spaces alone one sees that they are there, and where they end.
    String seen = printable.isBlank() ? "\"" + printable + "\"" : printable;
    return printable.length() < name.length() ? seen + "…" : seen;
  }
}
