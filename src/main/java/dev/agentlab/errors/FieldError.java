package dev.agentlab.errors;

/// One thing wrong with one field of an input.
///
/// @param field where it is, as a reader would write it: `config.options.token`, `page_size`,
///   `If-Match`
/// @param message what is wrong and what would be right; never repeats a secret
public record FieldError(String field, String message) {

  @Override
  public String toString() {
    return field + ": " + message;
  }
}
