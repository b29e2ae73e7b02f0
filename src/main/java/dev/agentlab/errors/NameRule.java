package dev.agentlab.errors;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// What people may call a thing: 1 to 200 characters, none of them a control character, no space at
/// either end.
public final class NameRule {
  private static final int MAX_LENGTH = 200;
  private static final Pattern UNFIT = Pattern.compile("[\\p{Cc}\\p{Cs}]");

  private NameRule() {}

  /// What is wrong with a name, empty if nothing.
  public static Optional<String> fault(String name) {
    if (name.isBlank()) {
      return Optional.of("must not be empty");
    }
    if (!name.equals(name.strip())) {
      return Optional.of("must not begin or end with a space");
    }
    if (name.codePointCount(0, name.length()) > MAX_LENGTH) {
      return Optional.of("must have at most %d characters".formatted(MAX_LENGTH));
    }
    return UNFIT.matcher(name).find()
        ? Optional.of("must not hold control characters or half of a character")
        : Optional.empty();
  }

  /// The config that comes with a name.
  ///
  /// @throws InvalidInputException with everything that is wrong with either of them
  public static <T> T check(String name, Supplier<T> config) {
    Faults faults = new Faults();
    fault(name).ifPresent(message -> faults.add("name", message));
    Optional<T> read = faults.noting(config);
    faults.refuse();
    return read.orElseThrow();
  }
}
