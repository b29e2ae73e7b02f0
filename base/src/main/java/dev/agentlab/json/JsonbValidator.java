package dev.agentlab.json;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/// Validates that PostgreSQL can store a value as `jsonb`, which accepts less than JSON.
public final class JsonbValidator {
  private static final int MAX_DIGITS = 1_000;

  private JsonbValidator() {}

  /// Adds an error for each text, member name and number in the value that cannot be stored.
  ///
  /// @param path the path of the value
  public static void validate(String path, JsonNode value, FieldErrors errors) {
    if (value.isString()) {
      validate(path, value.stringValue(), errors);
    } else if (value.isNumber() && !isStorable(value.decimalValue())) {
      errors.add(
          path, "must be a number of at most 1000 digits before and after the decimal point");
    }
    value.forEachEntry((name, member) -> {
      validate(path, name, errors);
      validate(path + "." + Excerpt.of(name), member, errors);
    });
    if (value.isArray()) {
      value.forEach(element -> validate(path, element, errors));
    }
  }

  /// Adds an error if the text cannot be stored.
  public static void validate(String path, String text, FieldErrors errors) {
    if (!isStorable(text)) {
      errors.add(path, "must not contain U+0000 or an unpaired surrogate");
    }
  }

  /// Whether PostgreSQL can store the text, as `jsonb` or `text`.
  public static boolean isStorable(String text) {
    return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  /// Stricter than PostgreSQL's own limits.
  private static boolean isStorable(BigDecimal number) {
    return Math.abs((long) number.scale()) <= MAX_DIGITS && number.precision() <= 2 * MAX_DIGITS;
  }
}
