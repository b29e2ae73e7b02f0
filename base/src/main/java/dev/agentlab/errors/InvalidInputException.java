package dev.agentlab.errors;

import java.util.List;
import java.util.stream.Collectors;

/// Thrown if an input is invalid. Contains all errors found, not only the first.
public final class InvalidInputException extends RuntimeException {
  private final transient List<FieldError> errors;

  public InvalidInputException(List<FieldError> errors) {
    super(errors.stream().map(FieldError::toString).collect(Collectors.joining("; ")));
    if (errors.isEmpty()) {
      throw new IllegalArgumentException("errors must not be empty");
    }
    this.errors = List.copyOf(errors);
  }

  public InvalidInputException(String field, String message) {
    this(List.of(new FieldError(field, message)));
  }

  /// Returns the same errors for an input that is part of another: the path is prepended to each
  /// field.
  ///
  /// @param path the path of this input in the other, such as `config`
  public InvalidInputException withPathPrefix(String path) {
    return new InvalidInputException(
        errors.stream()
            .map(error -> new FieldError(path + "." + error.field(), error.message()))
            .toList());
  }

  /// The errors, at least one.
  public List<FieldError> errors() {
    return errors;
  }
}
