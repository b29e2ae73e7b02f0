package dev.agentlab.query;

import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The order of a listing: total, because it ends with a column in which no two rows are equal.
record Ordering(List<Term> terms) {

  private static final Set<String> UNIQUE = Set.of("id", "name");

  /// @param column a column's name out of the listing's own list, never a caller's text
  record Term(String column, boolean descending) {
    private String sql() {
      return column + (descending ? " DESC" : " ASC");
    }
  }

  Ordering {
    terms = List.copyOf(terms);
  }

  /// Reads the order a request asks for, both spellings.
  ///
  /// @param columns the columns a caller may sort by; the first is the order when none is asked for
  /// @throws InvalidInputException naming the field that is not one of the columns
  static Ordering of(SearchRequest request, List<String> columns) {
    if (request.sort().isPresent() && request.sortBy().isPresent()) {
      throw new InvalidInputException("sort", "give either sort or sort_by, not both");
    }
    if (request.sort().isPresent()) {
      return new Ordering(parse(request.sort().get(), columns));
    }
    boolean descending = request.descending().orElse(false);
    String column =
        request
            .sortBy()
            .filter(name -> !name.isEmpty())
            .map(name -> column("sort_by", name, columns))
            .orElse(columns.getFirst());
    return new Ordering(List.of(new Term(column, descending)));
  }

  private static List<Term> parse(String sort, List<String> columns) {
    List<Term> terms = new ArrayList<>();
    for (String part : sort.split(",", -1)) {
      String name = part.strip();
      boolean descending = name.startsWith("-");
      terms.add(
          new Term(column("sort", descending ? name.substring(1) : name, columns), descending));
    }
    return terms;
  }

  private static String column(String field, String name, List<String> columns) {
    String column = snakeCase(name);
    if (!columns.contains(column)) {
      throw new InvalidInputException(
          field, "has no field '%s'; there are %s".formatted(name, String.join(", ", columns)));
    }
    return column;
  }

  /// `CreatedAt` becomes `created_at`; what is in snake case already stays as it is.
  private static String snakeCase(String name) {
    return name.isEmpty() || !Character.isUpperCase(name.charAt(0))
        ? name
        : name.replaceAll("(?<=.)(?=\\p{Lu})", "_").toLowerCase(Locale.ROOT);
  }

  /// The words after `ORDER BY`. Nothing follows a unique column, so that an index on it serves.
  /// The closing `id` runs the way of the last term, so that an index on the two serves both
  /// directions.
  String sql() {
    List<String> words = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Term term : terms) {
      if (seen.add(term.column())) {
        words.add(term.sql());
      }
      if (UNIQUE.contains(term.column())) {
        return String.join(", ", words);
      }
    }
    words.add(new Term("id", terms.getLast().descending()).sql());
    return String.join(", ", words);
  }
}
