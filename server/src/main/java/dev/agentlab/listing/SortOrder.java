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

/// The sort order of a listing. It is total, because its last column is unique.
record SortOrder(List<Term> terms) {
  /// The columns that are unique in every listing.
  private static final Set<String> UNIQUE_COLUMNS = Set.of("id", "name");

  private static final Pattern COMMA = Pattern.compile(",");

  private static final String INVALID_FIELD_MESSAGE =
      "must be an object such as {\"Field\": \"Name\", \"Descending\": true}";

  private static final String INVALID_SORT_MESSAGE =
      "must be a string such as name,-created_at or an array such as"
          + " [{\"Field\": \"Name\", \"Descending\": true}]";

  /// A column to sort by.
  ///
  /// @param column a column name from the listing, never text from a caller
  record Term(String column, boolean descending) {
    private String sql() {
      return column + (descending ? " DESC" : " ASC");
    }
  }

  SortOrder {
    terms = List.copyOf(terms);
  }

  /// Creates the order of a request, from `sort` or from `sort_by` and `descending`.
  ///
  /// @param columns the columns that a caller can sort by; the first is the default
  /// @throws InvalidInputException if a field is unknown, or the two forms are combined
  static SortOrder of(SearchRequest request, List<String> columns) {
    List<Term> sort = request.sort().map(it -> terms(it, columns)).orElse(List.of());
    Optional<String> sortBy = request.sortBy().filter(name -> !name.isEmpty());
    boolean descending = request.descending().orElse(false);
    if (!sort.isEmpty() && sortBy.isPresent()) {
      throw new InvalidInputException("sort", "cannot be combined with sort_by");
    }
    if (!sort.isEmpty() && descending) {
      throw new InvalidInputException(
          "descending",
          "cannot be combined with sort; prefix a field with -, such as -%s"
              .formatted(columns.getFirst()));
    }
    if (!sort.isEmpty()) {
      return makeTotal(sort);
    }
    String column =
        sortBy.map(name -> resolveColumn("sort_by", name, columns)).orElse(columns.getFirst());
    return makeTotal(List.of(new Term(column, descending)));
  }

  /// Drops the terms after the first unique column, which have no effect. Without a unique column,
  /// appends `id` in the direction of the last term, so that an index on both columns serves both
  /// directions.
  private static SortOrder makeTotal(List<Term> requested) {
    Set<String> seen = new HashSet<>();
    List<Term> terms = new ArrayList<>();
    for (Term term : requested) {
      if (seen.add(term.column())) {
        terms.add(term);
      }
      if (UNIQUE_COLUMNS.contains(term.column())) {
        return new SortOrder(terms);
      }
    }
    terms.add(new Term("id", terms.getLast().descending()));
    return new SortOrder(terms);
  }

  /// Parses the fields to sort by; empty if there is none.
  private static List<Term> terms(SortInput sort, List<String> columns) {
    JsonNode json = sort.json();
    FieldErrors errors = new FieldErrors();
    List<Term> terms = new ArrayList<>();
    if (json.isString()) {
      Arrays.stream(COMMA.split(json.stringValue(), -1))
          .map(String::strip)
          .filter(part -> !part.isEmpty())
          .forEach(part -> errors.collect(() -> parseTerm(part, columns)).ifPresent(terms::add));
    } else if (json.isArray()) {
      for (int i = 0; i < json.size(); i++) {
        String place = "sort[%d]".formatted(i);
        JsonNode element = json.path(i);
        errors.collect(() -> parseTerm(place, element, columns)).ifPresent(terms::add);
      }
    } else {
      errors.add("sort", INVALID_SORT_MESSAGE);
    }
    errors.throwIfAny();
    return terms;
  }

  private static Term parseTerm(String part, List<String> columns) {
    boolean descending = part.startsWith("-");
    return new Term(
        resolveColumn("sort", descending ? part.substring(1) : part, columns), descending);
  }

  /// Parses a field as clients of the Go original encode it. Go matches member names without regard
  /// to case.
  private static Term parseTerm(String field, JsonNode element, List<String> columns) {
    Optional<String> name = Optional.empty();
    boolean descending = false;
    for (String member : element.propertyNames()) {
      JsonNode value = element.path(member);
      if (member.equalsIgnoreCase("Field") && value.isString()) {
        name = Optional.of(value.stringValue());
      } else if (member.equalsIgnoreCase("Descending") && value.isBoolean()) {
        descending = value.booleanValue();
      } else {
        throw new InvalidInputException(field, INVALID_FIELD_MESSAGE);
      }
    }
    return new Term(
        resolveColumn(
            field,
            name.orElseThrow(() -> new InvalidInputException(field, INVALID_FIELD_MESSAGE)),
            columns),
        descending);
  }

  /// Resolves a field name to a column, in snake case or camel case: `created_at`, `CreatedAt`,
  /// `createdAt`.
  private static String resolveColumn(String field, String name, List<String> columns) {
    return columns.stream()
        .filter(column -> column.replace("_", "").equalsIgnoreCase(name.replace("_", "")))
        .findFirst()
        .orElseThrow(() ->
            new InvalidInputException(
                field,
                "unknown field \"%s\"; must be one of %s"
                    .formatted(Excerpt.of(name), String.join(", ", columns))));
  }

  /// The unique column that is the last term.
  String uniqueColumn() {
    return terms.getLast().column();
  }

  /// The `ORDER BY` expressions.
  String sql() {
    return terms.stream().map(Term::sql).collect(Collectors.joining(", "));
  }
}
