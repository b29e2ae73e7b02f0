package dev.agentlab.dialects;

import dev.agentlab.conversation.FinishReason;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Tracks which choices of a response have begun and which have finished.
final class ChoiceTracker {
  /// More than any provider returns. The limit is needed because some members are repeated for each
  /// choice.
  private static final int MAX_CHOICES = 128;

  private final Set<Integer> begun = new HashSet<>();
  private final Set<Integer> finished = new HashSet<>();
  private int last;
  private Optional<FinishReason> firstReason = Optional.empty();

  /// Records that a choice has begun.
  ///
  /// @return whether the choice is new
  /// @throws ProviderErrorException if there are too many choices
  boolean begin(int choice) {
    if (choice == last && !begun.isEmpty()) {
      return false;
    }
    last = choice;
    boolean isNew = begun.add(choice);
    if (begun.size() > MAX_CHOICES) {
      throw new ProviderErrorException(
          "the response has more than %d choices".formatted(MAX_CHOICES), Optional.empty());
    }
    return isNew;
  }

  /// Records that a choice has finished.
  void finish(int choice, FinishReason reason) {
    begin(choice);
    finished.add(choice);
    if (choice == 0) {
      firstReason = Optional.of(reason);
    }
  }

  /// Whether there are choices, and all have finished.
  boolean isFinished() {
    return !finished.isEmpty() && finished.containsAll(begun);
  }

  /// The finish reason of the first choice, if it has finished.
  Optional<FinishReason> firstReason() {
    return firstReason;
  }
}
