package dev.agentlab.errors;

import java.util.List;
import java.util.stream.Collectors;

/// An input that cannot be accepted as it is. Carries every fault found, not only the first.
public final class InvalidInputException extends RuntimeException {
  private final transient List<FieldError> errors;

  public InvalidInputException(List<FieldError> errors) {
    super(errors.stream().map(FieldError::toString).collect(Collectors.joining("; ")));
    if (errors.isEmpty()) {
      throw new IllegalArgumentException("an invalid input has at least one error");
    }
    this.errors = List.copyOf(errors);
  }

  public InvalidInputException(String field, String message) {
    this(List.of(new FieldError(field, message)));
  }

  /// The same of an input that is part of another.
  ///
  /// @param path where it stands there, such as `config`
  public InvalidInputException below(String path) {
    return new InvalidInputException(
        errors.stream()
            .map(error -> new FieldError(path + "." + error.field(), error.message()))
            .toList());
  }

  /// The faults, at least one.
  public List<FieldError> errors() {
    return errors;
  }
}
