package dev.agentlab.listing;

import com.google.re2j.Pattern;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// The order of a listing: total, because it ends with a unique column.
record Ordering(List<Term> terms) {
  /// The columns that alone tell all rows apart.
  private static final Set<String> UNIQUE = Set.of("id", "name");

  private static final Pattern COMMA = Pattern.compile(",");

  private static final String NOT_A_FIELD =
      "must be like {\"Field\": \"Name\", \"Descending\": true}";

  private static final String NOT_A_SORT =
      "must be text such as name,-created_at, or a list such as"
          + " [{\"Field\": \"Name\", \"Descending\": true}]";

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
    List<Term> sort = request.sort().map(it -> terms(it, columns)).orElse(List.of());
    Optional<String> sortBy = request.sortBy().filter(name -> !name.isEmpty());
    boolean descending = request.descending().orElse(false);
    if (!sort.isEmpty() && sortBy.isPresent()) {
      throw new InvalidInputException("sort", "give either sort or sort_by, not both");
    }
    if (!sort.isEmpty() && descending) {
      throw new InvalidInputException(
          "descending", "turns sort_by round; write -%s in sort".formatted(columns.getFirst()));
    }
    if (!sort.isEmpty()) {
      return total(sort);
    }
    String column = sortBy.map(name -> column("sort_by", name, columns)).orElse(columns.getFirst());
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

  /// @return none, if no field is named
  private static List<Term> terms(Sort sort, List<String> columns) {
    JsonNode json = sort.json();
    FieldErrors faults = new FieldErrors();
    List<Term> terms = new ArrayList<>();
    if (json.isString()) {
      Arrays.stream(COMMA.split(json.stringValue(), -1))
          .map(String::strip)
          .filter(part -> !part.isEmpty())
          .forEach(part -> faults.noting(() -> term(part, columns)).ifPresent(terms::add));
    } else if (json.isArray()) {
      for (int i = 0; i < json.size(); i++) {
        String place = "sort[%d]".formatted(i);
        JsonNode element = json.path(i);
        faults.noting(() -> term(place, element, columns)).ifPresent(terms::add);
      }
    } else {
      faults.add("sort", NOT_A_SORT);
    }
    faults.refuse();
    return terms;
  }

  private static Term term(String part, List<String> columns) {
    boolean descending = part.startsWith("-");
    return new Term(column("sort", descending ? part.substring(1) : part, columns), descending);
  }

  /// A field as the Go original's clients write it. Go tells the names of members without case.
  private static Term term(String place, JsonNode element, List<String> columns) {
    Optional<String> name = Optional.empty();
    boolean descending = false;
    for (String member : element.propertyNames()) {
      JsonNode value = element.path(member);
      if (member.equalsIgnoreCase("Field") && value.isString()) {
        name = Optional.of(value.stringValue());
      } else if (member.equalsIgnoreCase("Descending") && value.isBoolean()) {
        descending = value.booleanValue();
      } else {
        throw new InvalidInputException(place, NOT_A_FIELD);
      }
    }
    return new Term(
        column(
            place, name.orElseThrow(() -> new InvalidInputException(place, NOT_A_FIELD)), columns),
        descending);
  }

  /// The column that a name means, however its words are put together: `created_at`, `CreatedAt`,
  /// `createdAt`.
  private static String column(String field, String name, List<String> columns) {
    return columns.stream()
        .filter(column -> column.replace("_", "").equalsIgnoreCase(name.replace("_", "")))
        .findFirst()
        .orElseThrow(() ->
            new InvalidInputException(
                field,
                "has no field '%s'; there are %s"
                    .formatted(Excerpt.of(name), String.join(", ", columns))));
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
