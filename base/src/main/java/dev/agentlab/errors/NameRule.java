package dev.agentlab.errors;

import dev.agentlab.net.Uuids;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/// Validates the names of resources: 1 to 200 characters, without control characters, unpaired
/// surrogates and invisible characters, and without a leading or trailing space.
///
/// Only new names are validated; stored names stay valid.
public final class NameRule {
  /// The maximum length in code points.
  public static final int MAX_LENGTH = 200;

  /// Letters without a visible glyph.
  private static final String BLANK_LETTERS = "\u034F\u115F\u1160\u3164\uFFA0";

  /// Path segments that are used, or reserved for use, in place of a name. HTTP clients remove `.`
  /// and `..` from paths.
  private static final Set<String> RESERVED_NAMES =
      Set.of(".", "..", "export", "import", "probe", "search", "self");

  private NameRule() {}

  /// Returns the error of a name; empty if it is valid.
  public static Optional<String> findError(String name) {
    if (name.isBlank()) {
      return Optional.of("must not be empty");
    }
    if (!name.equals(name.strip())) {
      return Optional.of("must not start or end with a space");
    }
    if (name.codePointCount(0, name.length()) > MAX_LENGTH) {
      return Optional.of("must have at most %d characters".formatted(MAX_LENGTH));
    }
    if (name.codePoints().anyMatch(NameRule::isForbidden)) {
      return Optional.of("must not contain control characters or unpaired surrogates");
    }
    OptionalInt invisible = name.codePoints().filter(NameRule::isInvisible).findFirst();
    return invisible.isPresent()
        ? Optional.of("must not contain U+%04X, which is invisible".formatted(invisible.getAsInt()))
        : Optional.empty();
  }

  private static boolean isForbidden(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.CONTROL || type == Character.SURROGATE;
  }

  /// With these characters two names could look alike, or a name could be displayed in another
  /// order than stored: format characters, including bidirectional controls (Unicode Standard Annex
  /// 9), joiners, also those in emoji, and zero-width spaces; line and paragraph separators;
  /// letters without a visible glyph.
  private static boolean isInvisible(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
      default -> BLANK_LETTERS.indexOf(codePoint) >= 0;
    };
  }

  /// Returns the error of a name that is also a path segment; empty if it is valid.
  private static Optional<String> findPathSegmentError(String name) {
    if (RESERVED_NAMES.contains(name)) {
      return Optional.of("must not be '%s', which is reserved".formatted(name));
    }
    return Uuids.parse(name).isPresent()
        ? Optional.of("must not be a UUID, which is reserved for ids")
        : findError(name);
  }

  /// Validates the name of a resource together with its config, and returns the config.
  ///
  /// @param currentName the stored name of the resource, which it may keep even if it is invalid;
  ///   empty for a new resource
  /// @param config parses the config
  /// @throws InvalidInputException with the errors of both the name and the config
  public static <T> T validate(String name, Optional<String> currentName, Supplier<T> config) {
    FieldErrors errors = new FieldErrors();
    if (!currentName.equals(Optional.of(name))) {
      findPathSegmentError(name).ifPresent(message -> errors.add("name", message));
    }
    Optional<T> parsed = errors.collect(config);
    errors.throwIfAny();
    return parsed.orElseThrow();
  }
}
