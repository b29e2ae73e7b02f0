package dev.agentlab.errors;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Suggests the known name that is closest to a misspelled one.
public final class Spelling {
  /// Longer names are not compared, which limits the time.
  private static final int MAX_LENGTH = 64;

  private Spelling() {}

  /// Returns the known name with the smallest distance to a name, which may be a dotted path; the
  /// first of several with equal distance.
  public static String nearest(String path, Collection<String> known) {
    return known.stream().min(Comparator.comparingInt(k -> distance(path, k))).orElseThrow();
  }

  /// Returns the known name that a name is probably a misspelling of: the distance is at most two
  /// edits, and less than half of the name's length. Empty if there is none, or if the name is
  /// known.
  public static Optional<String> likelyMatch(String name, Collection<String> known) {
    if (name.length() > MAX_LENGTH || known.contains(name)) {
      return Optional.empty();
    }
    int maxDistance = Math.min(2, (name.length() - 1) / 2);
    return known.stream()
        .filter(k -> mayBeWithinDistance(maxDistance, name, k) && distance(name, k) <= maxDistance)
        .min(Comparator.comparingInt(k -> distance(name, k)));
  }

  /// Formats the hint that follows an error message: the known names, `known kinds are a, b`, and a
  /// likely one, `; did you mean b?`.
  ///
  /// @param label describes the known names, in the plural: `known kinds`
  public static String hint(String name, String label, Collection<String> known) {
    return "%s are %s".formatted(label, String.join(", ", known))
        + likelyMatch(name, known).map("; did you mean %s?"::formatted).orElse("");
  }

  /// A fast check that avoids computing the distance: it is at least the difference of the lengths.
  private static boolean mayBeWithinDistance(int maxDistance, String path, String known) {
    return known.startsWith(path)
        || Math.abs(path.length() - known.length()) <= maxDistance
        || Math.abs(lastSegment(path).length() - lastSegment(known).length()) < maxDistance;
  }

  /// The edit distance of two paths. A prefix of the known path has the distance 1, and another
  /// parent path counts as one edit.
  private static int distance(String path, String known) {
    return known.startsWith(path)
        ? 1
        : Math.min(
            editDistance(path, known), 1 + editDistance(lastSegment(path), lastSegment(known)));
  }

  private static String lastSegment(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /// The Levenshtein distance.
  private static int editDistance(String from, String to) {
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
