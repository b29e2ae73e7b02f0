package dev.agentlab.errors;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Collects what is wrong with one input, so that all of it is said at once. For one thread.
public final class FieldErrors {
  /// Enough to mend; a hostile input could have a hundred thousand.
  private static final int MOST = 50;

  private final List<FieldError> found = new ArrayList<>();

  public void add(String field, String message) {
    add(new FieldError(field, message));
  }

  public void add(FieldError fault) {
    if (found.size() < MOST) {
      found.add(fault);
    }
  }

  /// What a part of the input reads as; empty if it is at fault, which is then noted.
  public <T> Optional<T> noting(Supplier<T> read) {
    try {
      return Optional.of(read.get());
    } catch (InvalidInputException e) {
      e.errors().forEach(this::add);
      return Optional.empty();
    }
  }

  /// Whether a fault of the field is noted.
  public boolean has(String field) {
    return found.stream().anyMatch(fault -> fault.field().equals(field));
  }

  /// Does nothing unless something is wrong.
  ///
  /// @throws InvalidInputException with all that was noted
  public void refuse() {
    if (!found.isEmpty()) {
      throw new InvalidInputException(found);
    }
  }
}
