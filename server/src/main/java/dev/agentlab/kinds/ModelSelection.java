package dev.agentlab.kinds;

import dev.agentlab.security.ModelPattern;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The models of a provider that the gateway offers: those whose name equals a pattern, or matches
/// a pattern in which `*` stands for any characters, or none. Immutable.
public final class ModelSelection {
  /// Every model of the provider.
  public static final ModelSelection ALL = new ModelSelection(List.of());

  static final int MAX_PATTERNS = 500;

  private final List<String> patterns;
  private final Set<String> names;
  private final List<ModelPattern> wildcardPatterns;

  /// @param patterns names and patterns; empty to select every model
  public ModelSelection(List<String> patterns) {
    this.patterns = List.copyOf(patterns);
    names = new LinkedHashSet<>(this.patterns);
    names.removeIf(ModelSelection::hasWildcard);
    wildcardPatterns =
        this.patterns.stream().filter(ModelSelection::hasWildcard).map(ModelPattern::new).toList();
  }

  private static boolean hasWildcard(String pattern) {
    return pattern.indexOf(ModelPattern.WILDCARD) >= 0;
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

  /// Whether the model is selected.
  public boolean allows(String model) {
    if (patterns.isEmpty() || names.contains(model)) {
      return true;
    }
    for (ModelPattern pattern : wildcardPatterns) {
      if (pattern.matches(model)) {
        return true;
      }
    }
    return false;
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
