package dev.agentlab.json;

import dev.agentlab.errors.InvalidInputException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/// How large a value may be that is to be stored: its JSON without spaces, in UTF-8.
///
/// It is for what is given: what is stored already stays what it is.
///
/// @param field where the value stands in what a caller sends
/// @param most bytes
public record SizeLimit(String field, int most) {

  /// Looks at a value that was given.
  ///
  /// @throws InvalidInputException if the value is larger
  public void check(JsonNode given) {
    check(given, "it has");
  }

  /// The same of what has become of a value that was given: a sealed secret takes more than the
  /// secret does.
  ///
  /// @throws InvalidInputException if the value is larger
  public void checkSealed(JsonNode sealed) {
    check(sealed, "with its secrets sealed it has");
  }

  private void check(JsonNode value, String has) {
    int bytes = value.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > most) {
      throw new InvalidInputException(
          field, "must have at most %d bytes as JSON; %s %d".formatted(most, has, bytes));
    }
  }
}
