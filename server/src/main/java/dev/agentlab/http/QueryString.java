package dev.agentlab.http;

import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.net.PercentEncoding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/// The query of a request target: `a=1&b=2`.
final class QueryString {
  private static final int MAX_PRINTED_CHARACTERS = 64;

  /// The parameters whose values are logged.
  private static final Set<String> LOGGED = Set.of("page", "page_size", "sort");

  private QueryString() {}

  /// Parses the query to values by name.
  ///
  /// @param raw the undecoded query without the question mark
  /// @param known the accepted names
  /// @param repeatable those of them that may occur more than once
  /// @param ignoresUnknown whether other names are ignored, and not rejected
  /// @throws InvalidInputException with every repeated, malformed, or rejected parameter
  static Map<String, List<String>> parse(
      String raw, Set<String> known, Set<String> repeatable, boolean ignoresUnknown) {
    if (raw.isEmpty() || (ignoresUnknown && known.isEmpty())) {
      return Map.of();
    }
    Map<String, List<String>> values = new HashMap<>();
    List<FieldError> errors = new ArrayList<>();
    forEachPart(
        raw,
        (rawName, rawValue) -> {
          String name = rawName;
          try {
            name = PercentEncoding.decodeQuery(rawName);
            if (!known.contains(name)) {
              errors.add(new FieldError(printable(name), unknownMessage(known)));
              return;
            }
            List<String> earlier = values.computeIfAbsent(name, _ -> new ArrayList<>(1));
            earlier.add(PercentEncoding.decodeQuery(withoutEquals(rawValue)));
            if (earlier.size() > 1 && !repeatable.contains(name)) {
              errors.add(new FieldError(name, "must not be given more than once"));
            }
          } catch (IllegalArgumentException e) {
            errors.add(new FieldError(printable(name), String.valueOf(e.getMessage())));
          }
        });
    if (ignoresUnknown) {
      errors.removeIf(error -> !known.contains(error.field()));
    }
    if (!errors.isEmpty()) {
      throw new InvalidInputException(errors);
    }
    return values;
  }

  /// Masks the query for the log: replaces everything except the values of page parameters with
  /// `***`, because a value may be personal, or a misplaced secret.
  static String mask(String raw, Set<String> known) {
    StringBuilder masked = new StringBuilder(raw.length());
    forEachPart(
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

  /// @param consumer receives each name, and its value including the equals sign: `=1` or empty
  private static void forEachPart(String raw, BiConsumer<String, String> consumer) {
    for (int start = 0; start <= raw.length(); ) {
      int end = raw.indexOf('&', start);
      end = end < 0 ? raw.length() : end;
      int equals = raw.indexOf('=', start);
      equals = equals < 0 || equals > end ? end : equals;
      if (end > start) {
        consumer.accept(raw.substring(start, equals), raw.substring(equals, end));
      }
      start = end + 1;
    }
  }

  private static String withoutEquals(String value) {
    return value.isEmpty() ? value : value.substring(1);
  }

  private static String unknownMessage(Set<String> known) {
    return known.isEmpty()
        ? "is not a known query parameter; this path has none"
        : "is not a known query parameter; known parameters: "
            + String.join(", ", new TreeSet<>(known));
  }

  /// Formats an unvalidated name for a response: truncates it and replaces control characters.
  static String printable(String name) {
    String printable =
        name.codePoints()
            .limit(MAX_PRINTED_CHARACTERS)
            .collect(
                StringBuilder::new,
                (text, c) -> text.appendCodePoint(Character.isISOControl(c) ? '\uFFFD' : c),
                StringBuilder::append)
            .toString();
    // Quotes make a blank name visible.
    String visible = printable.isBlank() ? "\"" + printable + "\"" : printable;
    return printable.length() < name.length() ? visible + "…" : visible;
  }
}
