package dev.agentlab.json;

import dev.agentlab.errors.InvalidInputException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/// The maximum size of a stored JSON value, measured as JSON without whitespace in UTF-8.
///
/// Only new values are validated; stored values stay valid.
///
/// @param field the path of the value in the request body
/// @param most the maximum size in bytes
public record SizeLimit(String field, int most) {

  /// Validates the size of a value as it was received.
  ///
  /// @throws InvalidInputException if the value is too large
  public void check(JsonNode value) {
    check(value, "");
  }

  /// Validates the size of a value after its secrets were encrypted, which makes them longer.
  ///
  /// @throws InvalidInputException if the value is too large
  public void checkSealed(JsonNode value) {
    check(value, " with its secrets encrypted");
  }

  private void check(JsonNode value, String form) {
    int bytes = value.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > most) {
      throw new InvalidInputException(
          field, "must be at most %d bytes as JSON%s, was %d".formatted(most, form, bytes));
    }
  }
}
