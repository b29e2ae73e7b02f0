package dev.agentlab.jsonschema;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Schemas that would have an evaluation run for ever.
public final class HostileSchemas {
  /// An answer on which patterns backtrack.
  public static final String TEXT = "\"" + "a".repeat(70) + "!\"";

  private HostileSchemas() {}

  /// Definitions that each hold the value to the one before twice.
  ///
  /// @param twice a schema with `%1$s` for a reference to the one before
  /// @param last the one that all lead to
  public static String doubling(String twice, String last) {
    String definitions =
        IntStream.rangeClosed(1, 40)
            .mapToObj(i ->
                "\"d%d\": %s"
                    .formatted(i, twice.formatted("{\"$ref\": \"#/$defs/d%d\"}".formatted(i - 1))))
            .collect(Collectors.joining(", "));
    return "{\"$ref\": \"#/$defs/d40\", \"$defs\": {\"d0\": %s, %s}}".formatted(last, definitions);
  }

  /// A value of objects within each other, each with the member `a`.
  public static String nested(int depth) {
    return "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
  }
}
