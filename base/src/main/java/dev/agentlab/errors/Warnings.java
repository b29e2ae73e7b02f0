package dev.agentlab.errors;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Collects the warnings about one accepted input. Not thread-safe.
public final class Warnings {
  /// The same maximum as in [FieldErrors]; further warnings are dropped.
  private static final int MAX_WARNINGS = 50;

  private final List<String> warnings = new ArrayList<>();

  /// Adds a warning.
  ///
  /// @param field the field's path or name, as in [FieldError]
  /// @param message the text after the field, such as `is 2h, above the limit; 1h is used`; never
  ///   contains a secret
  public void add(String field, String message) {
    if (warnings.size() < MAX_WARNINGS) {
      warnings.add(field + " " + message);
    }
  }

  /// All warnings, for the response body; empty if there are none.
  public Optional<List<String>> all() {
    return Optional.of(List.copyOf(warnings)).filter(it -> !it.isEmpty());
  }
}
