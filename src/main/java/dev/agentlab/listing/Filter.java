package dev.agentlab.listing;

import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Which rows of a listing a request wants.
///
/// @param conditions all of them hold; none means every row
record Filter(List<Condition> conditions) {
  static final int MAX_TEXT_LENGTH = 200;

  /// @param sql a condition with one parameter
  /// @param value the parameter
  record Condition(String sql, String value) {}

  Filter {
    conditions = List.copyOf(conditions);
  }

  /// Reads what a request asks for.
  ///
  /// @param searched the text column that a search looks into
  /// @throws InvalidInputException if no row can hold the text asked for
  static Filter of(SearchRequest request, String searched) {
    List<Condition> conditions = new ArrayList<>();
    FieldErrors faults = new FieldErrors();
    faults
        .noting(() -> contains("search", request.search(), searched))
        .ifPresent(it -> it.ifPresent(conditions::add));
    faults
        .noting(() -> contains("name", request.name(), "name"))
        .ifPresent(it -> it.ifPresent(conditions::add));
    faults.refuse();
    return new Filter(conditions);
  }

  /// @param text none, if it is empty
  private static Optional<Condition> contains(String field, Optional<String> text, String column) {
    return text.filter(it -> !it.isEmpty())
        .map(it -> "%" + literal(checked(field, it)) + "%")
        .map(pattern -> new Condition(column + " ILIKE ?", pattern));
  }

  private static String checked(String field, String text) {
    if (text.codePointCount(0, text.length()) > MAX_TEXT_LENGTH) {
      throw new InvalidInputException(
          field, "must have at most %d characters".formatted(MAX_TEXT_LENGTH));
    }
    if (text.indexOf('\0') >= 0) {
      throw new InvalidInputException(field, "must not hold the character U+0000");
    }
    return text;
  }

  /// The pattern that finds a text as it is written: `%`, `_` and `\` mean themselves.
  private static String literal(String text) {
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
  }

  boolean isEmpty() {
    return conditions.isEmpty();
  }

  String sql() {
    return isEmpty()
        ? ""
        : conditions.stream()
            .map(Condition::sql)
            .collect(Collectors.joining(" AND ", "WHERE ", ""));
  }

  /// Sets the parameters; gives the place of the next one.
  int bind(PreparedStatement statement) throws SQLException {
    int next = 1;
    for (Condition condition : conditions) {
      statement.setString(next++, condition.value());
    }
    return next;
  }
}
