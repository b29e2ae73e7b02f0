package dev.agentlab.kinds;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The models of a provider that the gateway offers: those whose name equals a pattern, or matches
/// a pattern in which `*` stands for any characters, or none. Immutable.
public final class ModelSelection {
  /// Every model of the provider.
  public static final ModelSelection ALL = new ModelSelection(List.of());

  static final int MAX_PATTERNS = 500;

  /// The maximum length of a pattern, and of the name of a model.
  static final int MAX_LENGTH = 300;

  static final int MAX_WILDCARDS = 10;
  static final char WILDCARD = '*';

  private final List<String> patterns;
  private final Set<String> names;
  private final List<String> wildcardPatterns;

  /// @param patterns names and patterns; empty to select every model
  public ModelSelection(List<String> patterns) {
    this.patterns = List.copyOf(patterns);
    names = new LinkedHashSet<>(this.patterns);
    names.removeIf(ModelSelection::hasWildcard);
    wildcardPatterns = this.patterns.stream().filter(ModelSelection::hasWildcard).toList();
  }

  private static boolean hasWildcard(String pattern) {
    return pattern.indexOf(WILDCARD) >= 0;
  }

  /// The names and patterns, in the configured order; empty if every model is selected.
  public List<String> patterns() {
    return patterns;
  }

  /// The names without `*`, each once and in the configured order. They count as existing, whether
  /// the provider lists them or not.
  public List<String> declaredNames() {
    return List.copyOf(names);
  }

  /// Whether the selection names the model itself.
  public boolean declares(String model) {
    return names.contains(model);
  }

  /// Whether the model is selected. The time is at most proportional to the length of the name
  /// times that of each pattern.
  public boolean allows(String model) {
    if (patterns.isEmpty() || names.contains(model)) {
      return true;
    }
    if (model.length() > MAX_LENGTH) {
      return false;
    }
    for (String pattern : wildcardPatterns) {
      if (matches(pattern, model)) {
        return true;
      }
    }
    return false;
  }

  /// Each `*` first matches nothing. On a mismatch only the last `*` is extended by a character,
  /// because no earlier one can make a match that the last one cannot.
  private static boolean matches(String pattern, String model) {
    int inPattern = 0;
    int inModel = 0;
    int lastWildcard = -1;
    int endOfWildcardMatch = 0;
    while (inModel < model.length()) {
      if (inPattern < pattern.length() && pattern.charAt(inPattern) == WILDCARD) {
        lastWildcard = inPattern++;
        endOfWildcardMatch = inModel;
      } else if (inPattern < pattern.length()
          && pattern.charAt(inPattern) == model.charAt(inModel)) {
        inPattern++;
        inModel++;
      } else if (lastWildcard >= 0) {
        inPattern = lastWildcard + 1;
        inModel = ++endOfWildcardMatch;
      } else {
        return false;
      }
    }
    while (inPattern < pattern.length() && pattern.charAt(inPattern) == WILDCARD) {
      inPattern++;
    }
    return inPattern == pattern.length();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModelSelection that && patterns.equals(that.patterns);
  }

  @Override
  public int hashCode() {
    return patterns.hashCode();
  }

  @Override
  public String toString() {
    return patterns.isEmpty() ? "all" : String.join(", ", patterns);
  }
}
