package dev.agentlab.jsonschema;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Schemas whose evaluation would not end without limits.
public final class HostileSchemas {
  /// A response that makes patterns backtrack.
  public static final String TEXT = "\"" + "a".repeat(70) + "!\"";

  /// A large pattern, applied 100 times: many seconds for [#SLOW_TEXT], though in linear time.
  public static final String SLOW_SCHEMA =
      "{\"$defs\": {\"a\": {\"pattern\": \"(?:%s){1000}b\"}}, \"allOf\": [%s{}]}"
          .formatted("a?".repeat(12), "{\"$ref\": \"#/$defs/a\"}, ".repeat(100));

  public static final String SLOW_TEXT = "\"" + "a".repeat(1_900) + "\"";

  private HostileSchemas() {}

  /// A schema with a chain of definitions, each of which applies the previous one twice.
  ///
  /// @param twice a schema with `%1$s` for a reference to the previous definition
  /// @param last the first definition of the chain
  public static String doubling(String twice, String last) {
    String definitions =
        IntStream.rangeClosed(1, 40)
            .mapToObj(i ->
                "\"d%d\": %s"
                    .formatted(i, twice.formatted("{\"$ref\": \"#/$defs/d%d\"}".formatted(i - 1))))
            .collect(Collectors.joining(", "));
    return "{\"$ref\": \"#/$defs/d40\", \"$defs\": {\"d0\": %s, %s}}".formatted(last, definitions);
  }

  /// A value of nested objects, each with the member `a`.
  public static String nested(int depth) {
    return "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
  }
}
