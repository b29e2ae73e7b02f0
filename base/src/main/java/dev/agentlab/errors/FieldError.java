package dev.agentlab.errors;

/// A validation error of one field of an input.
///
/// @param field the field's path or name as a client writes it: `config.options.token`,
///   `page_size`, `If-Match`
/// @param message what is wrong and what is accepted; never contains a secret
public record FieldError(String field, String message) {

  @Override
  public String toString() {
    return field + ": " + message;
  }
}
