package dev.agentlab.query;

import com.google.re2j.Pattern;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// The order of a listing: total, because it ends with a unique column.
record Ordering(List<Term> terms) {
  /// The columns that alone tell all rows apart.
  private static final Set<String> UNIQUE = Set.of("id", "name");

  private static final Pattern COMMA = Pattern.compile(",");
  private static final Pattern CAPITAL = Pattern.compile("[A-Z]");

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
  /// @throws InvalidInputException naming the field that is not one of the columns, or what only
  ///   goes with the other spelling
  static Ordering of(SearchRequest request, List<String> columns) {
    if (request.sort().isPresent() && request.sortBy().isPresent()) {
      throw new InvalidInputException("sort", "give either sort or sort_by, not both");
    }
    boolean descending = request.descending().orElse(false);
    if (request.sort().isPresent() && descending) {
      throw new InvalidInputException(
          "descending", "turns sort_by round; write -%s in sort".formatted(columns.getFirst()));
    }
    if (request.sort().isPresent()) {
      return total(parse(request.sort().get(), columns));
    }
    String column =
        request
            .sortBy()
            .filter(name -> !name.isEmpty())
            .map(name -> column("sort_by", name, columns))
            .orElse(columns.getFirst());
    return total(List.of(new Term(column, descending)));
  }

  /// After a unique column nothing is left to order. Where there is none, the `id` closes, the way
  /// of the term before it, so that an index on the two serves both directions.
  private static Ordering total(List<Term> asked) {
    Set<String> seen = new HashSet<>();
    List<Term> terms = new ArrayList<>();
    for (Term term : asked) {
      if (seen.add(term.column())) {
        terms.add(term);
      }
      if (UNIQUE.contains(term.column())) {
        return new Ordering(terms);
      }
    }
    terms.add(new Term("id", terms.getLast().descending()));
    return new Ordering(terms);
  }

  private static List<Term> parse(String sort, List<String> columns) {
    List<Term> terms = new ArrayList<>();
    for (String part : COMMA.split(sort, -1)) {
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
        : (name.charAt(0) + CAPITAL.matcher(name.substring(1)).replaceAll("_$0"))
            .toLowerCase(Locale.ROOT);
  }

  /// The unique column that it ends with.
  String key() {
    return terms.getLast().column();
  }

  /// The words after `ORDER BY`.
  String sql() {
    return terms.stream().map(Term::sql).collect(Collectors.joining(", "));
  }
}
