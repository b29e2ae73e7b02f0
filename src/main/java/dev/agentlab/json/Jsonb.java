package dev.agentlab.json;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/// What PostgreSQL can keep of JSON: its `jsonb` takes less than JSON allows.
public final class Jsonb {
  private static final int MOST_DIGITS = 1_000;

  private Jsonb() {}

  /// Notes each text, name and number within a value that cannot be kept.
  ///
  /// @param path where the value stands
  public static void check(String path, JsonNode value, FieldErrors faults) {
    if (value.isString()) {
      check(path, value.stringValue(), faults);
    } else if (value.isNumber() && !isStorable(value.decimalValue())) {
      faults.add(path, "must be a number of at most 1000 digits before and after its point");
    }
    value.forEachEntry((name, member) -> {
      check(path, name, faults);
      check(path + "." + Excerpt.of(name), member, faults);
    });
    if (value.isArray()) {
      value.forEach(element -> check(path, element, faults));
    }
  }

  /// Notes a text that cannot be kept.
  public static void check(String path, String text, FieldErrors faults) {
    if (!isStorable(text)) {
      faults.add(path, "must not hold U+0000 or half of a surrogate pair");
    }
  }

  /// Whether the text can be kept, in `jsonb` or as `text`.
  public static boolean isStorable(String text) {
    return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  /// With room to spare.
  private static boolean isStorable(BigDecimal number) {
    return Math.abs((long) number.scale()) <= MOST_DIGITS && number.precision() <= 2 * MOST_DIGITS;
  }
}
