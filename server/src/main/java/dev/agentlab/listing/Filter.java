package dev.agentlab.listing;

import dev.agentlab.database.SqlStatement;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The filter of a listing.
///
/// @param conditions the conditions that every row must satisfy; empty for no filter
record Filter(List<Condition> conditions) {
  static final int MAX_TEXT_LENGTH = 200;

  /// A SQL condition.
  ///
  /// @param sql the condition, with one parameter
  /// @param parameter the name of the parameter
  record Condition(String sql, String parameter, String value) {}

  Filter {
    conditions = List.copyOf(conditions);
  }

  /// Creates the filter of a request.
  ///
  /// @param searchColumn the text column that `search` applies to
  /// @throws InvalidInputException if a text is too long or contains U+0000
  static Filter of(SearchRequest request, String searchColumn) {
    List<Condition> conditions = new ArrayList<>();
    FieldErrors errors = new FieldErrors();
    errors
        .collect(() -> contains("search", request.search(), searchColumn))
        .ifPresent(it -> it.ifPresent(conditions::add));
    errors
        .collect(() -> contains("name", request.name(), "name"))
        .ifPresent(it -> it.ifPresent(conditions::add));
    errors.throwIfAny();
    return new Filter(conditions);
  }

  /// Creates a condition; none if the text is absent or empty.
  private static Optional<Condition> contains(String field, Optional<String> text, String column) {
    return text.filter(it -> !it.isEmpty())
        .map(it -> "%" + escape(validate(field, it)) + "%")
        .map(pattern -> new Condition("%s ILIKE :%s".formatted(column, field), field, pattern));
  }

  private static String validate(String field, String text) {
    if (text.codePointCount(0, text.length()) > MAX_TEXT_LENGTH) {
      throw new InvalidInputException(
          field, "must have at most %d characters".formatted(MAX_TEXT_LENGTH));
    }
    if (text.indexOf('\0') >= 0) {
      throw new InvalidInputException(field, "must not contain the character U+0000");
    }
    return text;
  }

  /// Escapes `%`, `_` and `\`, so that the pattern matches the text literally.
  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
  }

  boolean isEmpty() {
    return conditions.isEmpty();
  }

  /// The `WHERE` clause; the empty string if there is no condition.
  String sql() {
    return isEmpty()
        ? ""
        : conditions.stream()
            .map(Condition::sql)
            .collect(Collectors.joining(" AND ", "WHERE ", ""));
  }

  /// Sets the parameters of a statement that contains [#sql].
  SqlStatement bind(SqlStatement statement) {
    conditions.forEach(it -> statement.bind(it.parameter(), it.value()));
    return statement;
  }
}
