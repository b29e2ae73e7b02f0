package dev.agentlab.json;

import dev.agentlab.errors.InvalidInputException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/// The maximum size of a stored JSON value, measured as JSON without whitespace in UTF-8.
///
/// Only new values are validated; stored values stay valid.
///
/// @param field the path of the value in the request body
/// @param maxBytes the maximum size in bytes
public record SizeLimit(String field, int maxBytes) {

  /// Validates the size of a value as it was received.
  ///
  /// @throws InvalidInputException if the value is too large
  public void validate(JsonNode value) {
    validate(value, "");
  }

  /// Validates the size of a value after its secrets were encrypted, which makes them longer.
  ///
  /// @throws InvalidInputException if the value is too large
  public void validateEncrypted(JsonNode value) {
    validate(value, " with its secrets encrypted");
  }

  private void validate(JsonNode value, String form) {
    int bytes = value.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > maxBytes) {
      throw new InvalidInputException(
          field, "must be at most %d bytes as JSON%s, was %d".formatted(maxBytes, form, bytes));
    }
  }
}
