package dev.agentlab.errors;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What people may call a thing: 1 to 200 characters, none of them a control character or one that
/// cannot be seen, no space at either end.
///
/// It is for names that are given: what is stored already stays what it is.
public final class NameRule {
  private static final int MAX_LENGTH = 200;
  private static final Pattern UNFIT = Pattern.compile("[\\p{Cc}\\p{Cs}]");

  /// With these two names could look alike, or one read as it is not written: formats, among them
  /// what turns text around (Unicode Standard Annex 9), joiners, also of emoji, and spaces of no
  /// width; separators of lines and paragraphs; letters without a shape.
  private static final Pattern UNSEEN =
      Pattern.compile("[\\p{Cf}\\p{Zl}\\p{Zp}\\u034F\\u115F\\u1160\\u3164\\uFFA0]");

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
    if (UNFIT.matcher(name).find()) {
      return Optional.of("must not hold control characters or half of a character");
    }
    Matcher unseen = UNSEEN.matcher(name);
    return unseen.find()
        ? Optional.of(
            "must not hold U+%04X, which cannot be seen".formatted(unseen.group().codePointAt(0)))
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
