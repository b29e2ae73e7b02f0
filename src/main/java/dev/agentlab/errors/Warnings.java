package dev.agentlab.errors;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Collects what the caller should know about one input that is accepted all the same. For one
/// thread.
public final class Warnings {
  /// As many as [FieldErrors] collects.
  private static final int MAX_WARNINGS = 50;

  private final List<String> sentences = new ArrayList<>();

  /// Notes something.
  ///
  /// @param field where it is, as in [FieldError]
  /// @param message what goes on after the field, such as `is 2h, above the limit; 1h is used`;
  ///   never repeats a secret
  public void add(String field, String message) {
    if (sentences.size() < MAX_WARNINGS) {
      sentences.add(field + " " + message);
    }
  }

  /// All that was noted, as answers have it; empty if it is nothing.
  public Optional<List<String>> all() {
    return Optional.of(List.copyOf(sentences)).filter(it -> !it.isEmpty());
  }
}
