package dev.agentlab.errors;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Collects the validation errors of one input, so that all are reported at once. Not thread-safe.
public final class FieldErrors {
  /// Further errors are dropped: a malicious input could cause a hundred thousand.
  private static final int MAX_ERRORS = 50;

  private final List<FieldError> errors = new ArrayList<>();

  public void add(String field, String message) {
    add(new FieldError(field, message));
  }

  public void add(FieldError error) {
    if (errors.size() < MAX_ERRORS) {
      errors.add(error);
    }
  }

  /// Returns the result of a parser; if the parser rejects its input, adds the errors and returns
  /// empty.
  public <T> Optional<T> collect(Supplier<T> parser) {
    try {
      return Optional.of(parser.get());
    } catch (InvalidInputException e) {
      e.errors().forEach(this::add);
      return Optional.empty();
    }
  }

  /// Whether there is an error of the field.
  public boolean hasErrorFor(String field) {
    return errors.stream().anyMatch(error -> error.field().equals(field));
  }

  /// Throws if there are errors.
  ///
  /// @throws InvalidInputException with all collected errors
  public void throwIfAny() {
    if (!errors.isEmpty()) {
      throw new InvalidInputException(errors);
    }
  }
}
