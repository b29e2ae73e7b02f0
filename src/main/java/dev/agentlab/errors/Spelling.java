package dev.agentlab.errors;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Finds the known name that a misspelt one may stand for.
public final class Spelling {
  /// Comparing longer names takes long.
  private static final int MAX_LENGTH = 64;

  private Spelling() {}

  /// The known name nearest to a name, which may be a path with dots; the first of those equally
  /// near.
  public static String nearest(String path, Collection<String> known) {
    return known.stream().min(Comparator.comparingInt(k -> distance(path, k))).orElseThrow();
  }

  /// The known name that a name is probably a misspelling of: it differs by at most two edits, and
  /// by less than half of its letters.
  public static Optional<String> likely(String name, Collection<String> known) {
    if (name.length() > MAX_LENGTH || known.contains(name)) {
      return Optional.empty();
    }
    int most = Math.min(2, (name.length() - 1) / 2);
    return known.stream()
        .filter(k -> mayBeWithin(most, name, k) && distance(name, k) <= most)
        .min(Comparator.comparingInt(k -> distance(name, k)));
  }

  /// The known names as an error ends with them after a semicolon: `known kinds are a, b`, and the
  /// likely one of them: `; did you mean b?`.
  ///
  /// @param what they are, in the plural: `known kinds`
  public static String hint(String name, String what, Collection<String> known) {
    return "%s are %s".formatted(what, String.join(", ", known))
        + likely(name, known).map("; did you mean %s?"::formatted).orElse("");
  }

  /// A cheap lower bound: the distance is at least the difference of the lengths.
  private static boolean mayBeWithin(int most, String path, String known) {
    return known.startsWith(path)
        || Math.abs(path.length() - known.length()) <= most
        || Math.abs(name(path).length() - name(known).length()) < most;
  }

  /// Edits between two paths; what is merely cut short, and a right name in a wrong table, count as
  /// one.
  private static int distance(String path, String known) {
    return known.startsWith(path)
        ? 1
        : Math.min(edits(path, known), 1 + edits(name(path), name(known)));
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /// The Levenshtein distance.
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int substituted = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
