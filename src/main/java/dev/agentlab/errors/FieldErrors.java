package dev.agentlab.errors;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Collects the validation errors of one input, so that all are reported at once. Not thread-safe.
public final class FieldErrors {
  /// Further errors are dropped: a malicious input could cause a hundred thousand.
  private static final int MOST = 50;

  private final List<FieldError> found = new ArrayList<>();

  public void add(String field, String message) {
    add(new FieldError(field, message));
  }

  public void add(FieldError error) {
    if (found.size() < MOST) {
      found.add(error);
    }
  }

  /// Returns the result of a parser; if the parser rejects its input, adds the errors and returns
  /// empty.
  public <T> Optional<T> noting(Supplier<T> parser) {
    try {
      return Optional.of(parser.get());
    } catch (InvalidInputException e) {
      e.errors().forEach(this::add);
      return Optional.empty();
    }
  }

  /// Whether there is an error of the field.
  public boolean has(String field) {
    return found.stream().anyMatch(error -> error.field().equals(field));
  }

  /// Throws if there are errors.
  ///
  /// @throws InvalidInputException with all collected errors
  public void refuse() {
    if (!found.isEmpty()) {
      throw new InvalidInputException(found);
    }
  }
}
