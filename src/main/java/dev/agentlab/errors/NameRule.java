package dev.agentlab.errors;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/// What people may call a thing: 1 to 200 characters, none of them a control character or one that
/// cannot be seen, no space at either end.
///
/// It is for names that are given: what is stored already stays what it is.
public final class NameRule {
  /// Characters that a name may have.
  public static final int MAX_LENGTH = 200;

  /// Letters without a shape.
  private static final String SHAPELESS = "\u034F\u115F\u1160\u3164\uFFA0";

  /// What stands in a path in the place of a name, now or some day; clients drop the dots.
  private static final Set<String> RESERVED =
      Set.of(".", "..", "export", "import", "probe", "search", "self");

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
    if (name.codePoints().anyMatch(NameRule::isUnfit)) {
      return Optional.of("must not hold control characters or half of a character");
    }
    OptionalInt unseen = name.codePoints().filter(NameRule::isUnseen).findFirst();
    return unseen.isPresent()
        ? Optional.of("must not hold U+%04X, which cannot be seen".formatted(unseen.getAsInt()))
        : Optional.empty();
  }

  private static boolean isUnfit(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.CONTROL || type == Character.SURROGATE;
  }

  /// With these two names could look alike, or one read as it is not written: formats, among them
  /// what turns text around (Unicode Standard Annex 9), joiners, also of emoji, and spaces of no
  /// width; separators of lines and paragraphs; letters without a shape.
  private static boolean isUnseen(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
      default -> SHAPELESS.indexOf(codePoint) >= 0;
    };
  }

  /// What is wrong with a name that is also part of a path, empty if nothing.
  private static Optional<String> faultInPath(String name) {
    if (RESERVED.contains(name)) {
      return Optional.of("must not be '%s', which is reserved".formatted(name));
    }
    return IdOrName.uuid(name).isPresent()
        ? Optional.of("must not be a UUID, which is taken for an id")
        : fault(name);
  }

  /// The config that comes with the name of something that paths name.
  ///
  /// @param present the name that it has already, which it may keep whatever it is
  /// @throws InvalidInputException with everything that is wrong with either of them
  public static <T> T check(String name, Optional<String> present, Supplier<T> config) {
    FieldErrors faults = new FieldErrors();
    if (!present.equals(Optional.of(name))) {
      faultInPath(name).ifPresent(message -> faults.add("name", message));
    }
    Optional<T> read = faults.noting(config);
    faults.refuse();
    return read.orElseThrow();
  }
}
